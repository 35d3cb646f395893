"""Set a form that was laid out as a file of some kind, in memory."""

from __future__ import annotations

import csv
import html
import tempfile
from collections.abc import Callable, Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import producers

from grammar.laying import Line, Part, Table

Sheets = Sequence[tuple[Part, ...]]


def as_html(sheets: Sheets) -> bytes:
    """Set as a web page."""
    return _page(sheets).encode()


def _page(sheets: Sheets) -> str:
    return producers.page("".join(_markup(part) for parts in sheets for part in parts))


def _markup(part: Part) -> str:
    if isinstance(part, Line):
        tag = "h1" if part.is_title else "p"
        return f"<{tag}>{html.escape(part.text)}</{tag}>"
    rows = [""] * part.height
    for cell in sorted(part.cells, key=lambda c: (c.row, c.column)):
        spans = f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
        spans += f' colspan="{cell.columns}"' if cell.columns > 1 else ""
        spans += ' class="prose"' if cell.is_prose else ""
        text = html.escape(cell.text).replace("\n", "<br>")
        text = text.replace("  ", "&nbsp;&nbsp;") if text.startswith("  ") else text
        rows[cell.row] += f"<td{spans}>{text}</td>"
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def as_xlsx(sheets: Sheets) -> bytes:
    """Set as a workbook, a sheet for each list of parts, amounts as numbers."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for parts in sheets:
        _fill(book.create_sheet(), parts)
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def _fill(leaf: Any, parts: Sequence[Part]) -> None:
    at = 1
    width = max(part.width for part in parts if isinstance(part, Table))
    for part in parts:
        if isinstance(part, Line):
            producers.fill(leaf.cell(at, 1), part.text)
            leaf.merge_cells(start_row=at, end_row=at, start_column=1, end_column=width)
            at += 1
            continue
        for cell in part.cells:
            row, column = at + cell.row, 1 + cell.column
            if cell.text:
                producers.fill(leaf.cell(row, column), cell.text, is_prose=cell.is_prose)
            if cell.rows > 1 or cell.columns > 1:
                last = {"end_row": row + cell.rows - 1, "end_column": column + cell.columns - 1}
                leaf.merge_cells(start_row=row, start_column=column, **last)
        at += part.height


def as_csv(sheets: Sheets) -> bytes:
    """Set as comma-separated values, a blank where a cell goes on."""
    out = StringIO()
    writer = csv.writer(out)
    for parts in sheets:
        for part in parts:
            writer.writerows(squares(part))
    return out.getvalue().encode()


def squares(part: Part) -> list[list[str]]:
    """Return the texts of a part in their squares."""
    if isinstance(part, Line):
        return [[part.text]]
    rows = [[""] * part.width for _ in range(part.height)]
    for cell in part.cells:
        rows[cell.row][cell.column] = cell.text
    return rows


def as_docx(sheets: Sheets) -> bytes:
    """Set as a word-processor document."""
    document = producers.new_document()
    for parts in sheets:
        for part in parts:
            if isinstance(part, Line):
                document.add_paragraph(part.text)
            else:
                _add(document, part)
    held = BytesIO()
    document.save(held)
    return held.getvalue()


def _add(document: Any, part: Table) -> None:
    table = document.add_table(part.height, part.width, style="Table Grid")
    places = [list(row.cells) for row in table.rows]
    for cell in part.cells:
        whole = places[cell.row][cell.column]
        if cell.rows > 1 or cell.columns > 1:
            last = places[cell.row + cell.rows - 1][cell.column + cell.columns - 1]
            whole = whole.merge(last)
        whole.text = cell.text
    document.add_paragraph("")


def as_pdf(sheets: Sheets) -> bytes:
    """Print the web page."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "form.pdf")
        producers.print_page(_page(sheets), path)
        return path.read_bytes()


SETTERS: dict[str, Callable[[Sheets], bytes]] = {
    "html": as_html,
    "xlsx": as_xlsx,
    "csv": as_csv,
    "docx": as_docx,
    "pdf": as_pdf,
}


def as_text(sheets: Sheets) -> str:
    """Return the cells of a form as lines, for people."""
    lines = []
    for parts in sheets:
        for part in parts:
            if isinstance(part, Line):
                lines.append(part.text)
                continue
            for number in range(part.height):
                row = sorted((c for c in part.cells if c.row == number), key=lambda c: c.column)
                lines.append(" | ".join(_shown(c.text, c.rows, c.columns) for c in row))
    return "\n".join(lines)


def _shown(text: str, rows: int, columns: int) -> str:
    size = f" [{columns}x{rows}]" if rows > 1 or columns > 1 else ""
    return text.replace("\n", "/") + size
