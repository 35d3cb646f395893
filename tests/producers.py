"""Print sheets as PDF files by the programs that published forms come from.

Each producer takes a batch of sheets, since starting an office suite takes longer than printing
with it. A producer that is not installed says so; nothing here tries to install one.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

from typesetting import Sheet

FONT = "Noto Serif CJK SC"
OFFICE_FONT = "Noto Sans CJK SC"
WIDTH = 178.0  # millimetres between the margins of A4
LIMIT = 300  # seconds that a batch may take
_AMOUNT = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?")

STYLE = f"""
@page {{ size: A4; margin: 15mm 16mm 17mm }}
body {{ margin: 0; font-family: "{FONT}", serif; font-size: 8.5pt; line-height: 1.35 }}
section {{ break-before: page }}
section:first-of-type {{ break-before: auto }}
h1 {{ margin: 0 0 1mm; font-size: 15pt; text-align: center }}
p.year {{ margin: 0 0 2mm; text-align: center }}
table {{ width: 100%; table-layout: fixed; border-collapse: collapse }}
td {{ border: 0.75pt solid black; padding: 1mm; text-align: center; vertical-align: middle;
     overflow-wrap: anywhere }}
td.prose {{ text-align: left }}
"""

Batch = Sequence[tuple[Sheet, Path]]


def section(sheet: Sheet) -> str:
    """Return a sheet as an HTML section."""
    total = sum(sheet.widths)
    columns = "".join(f'<col style="width:{100 * w / total:.3f}%">' for w in sheet.widths)
    rows = []
    for number in range(sheet.height):
        cells = "".join(
            f'<td colspan="{c.columns}" rowspan="{c.rows}"{" class=prose" if c.is_prose else ""}>'
            f"{_marked_up(c.text)}</td>"
            for c in sheet.row(number)
        )
        rows.append(f"<tr>{cells}</tr>")
    head = f"<h1>{_marked_up(sheet.title)}</h1>"
    year = f"<p class=year>{_marked_up(sheet.year_line)}</p>" if sheet.year_line else ""
    table = f"<table><colgroup>{columns}</colgroup>{''.join(rows)}</table>"
    return f"<section>{head}{year}{table}</section>"


def page(body: str, style: str = STYLE) -> str:
    """Return a whole HTML page."""
    head = f'<meta charset="utf-8"><title>自评表</title><style>{style}</style>'
    return f'<!DOCTYPE html><html lang="zh-CN"><head>{head}</head><body>{body}</body></html>'


def _marked_up(text: str) -> str:
    return html.escape(text).replace("\n", "<br/>")


def print_page(text: str, path: Path) -> None:
    """Print an HTML page with WeasyPrint, with nothing in the file that changes from run to run."""
    from PIL import ImageFile
    from weasyprint import HTML

    ImageFile.LOAD_TRUNCATED_IMAGES = False  # which WeasyPrint sets for the whole process
    HTML(string=text).write_pdf(path, pdf_identifier=path.stem.encode())


def _weasyprint(batch: Batch) -> None:
    for sheet, path in batch:
        print_page(page(section(sheet)), path)


def _weasyprint_large(batch: Batch) -> None:
    """Print in type so large that page edges cut rows and cells."""
    style = STYLE.replace("font-size: 8.5pt", "font-size: 14pt")
    for sheet, path in batch:
        print_page(page(section(sheet), style), path)


def _chromium(batch: Batch) -> None:
    """Print all sheets in one run and cut the file where its outline says a sheet begins."""
    import pypdfium2

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "all.html"), Path(folder, "all.pdf")
        source.write_text(page("".join(section(sheet) for sheet, _ in batch)), encoding="utf-8")
        _call(
            str(chromium_program()),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            f"--user-data-dir={folder}/profile",
            "--no-pdf-header-footer",
            "--generate-pdf-document-outline",
            f"--print-to-pdf={target}",
            source.as_uri(),
        )
        whole = pypdfium2.PdfDocument(target)
        starts = [item.get_dest().get_index() for item in whole.get_toc()]
        if len(starts) != len(batch):
            raise RuntimeError(f"{len(batch)} sheets printed, {len(starts)} found in the outline")
        for (_, path), (first, last) in zip(batch, pairwise([*starts, len(whole)]), strict=True):
            part = pypdfium2.PdfDocument.new()
            part.import_pages(whole, list(range(first, last)))
            part.save(path)


def _calc(batch: Batch) -> None:
    _office(batch, ".xlsx", write_workbook)


def _writer(batch: Batch) -> None:
    _office(batch, ".docx", write_document)


def _writer_large(batch: Batch) -> None:
    """Print over several pages, each beginning with the first row of the table again."""
    _office(batch, ".docx", partial(write_document, size=13, repeats=True))


def _saved(write: Callable[[Sheet, Path], None], batch: Batch) -> None:
    """Leave a file as it is written; what kind it is of, its name does not tell."""
    for sheet, path in batch:
        write(sheet, path)


def _write_page(sheet: Sheet, path: Path, encoding: str = "gb18030") -> None:
    path.write_text(page(section(sheet)), encoding=encoding)


def _office(batch: Batch, suffix: str, write: Callable[[Sheet, Path], None], *kinds: str) -> None:
    """Have an office suite save what is written as a file of each kind, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        sources = [Path(folder, f"{number}{suffix}") for number in range(len(batch))]
        for (sheet, _), source in zip(batch, sources, strict=True):
            write(sheet, source)
        for kind in kinds or ("pdf",):
            place = Path(tempfile.mkdtemp(dir=folder))  # a kind may be saved anew
            convert(sources, place, kind)
            suffix = f".{kind.partition(':')[0]}"
            sources = [place / source.with_suffix(suffix).name for source in sources]
        for (_, path), source in zip(batch, sources, strict=True):
            shutil.move(source, path)


def convert(sources: Sequence[Path], folder: Path, kind: str = "pdf") -> None:
    """Convert office files into a folder, with a profile of LibreOffice's own there."""
    profile = Path(folder, "profile").resolve().as_uri()
    program = ("soffice", f"-env:UserInstallation={profile}", "--headless")
    _call(*program, "--convert-to", kind, "--outdir", str(folder), *map(str, sources))


def write_workbook(sheet: Sheet, path: Path) -> None:
    """Write a sheet as a workbook, amounts as numbers shown in the places they are printed in."""
    from openpyxl import Workbook
    from openpyxl.styles import Border, Font, Side
    from openpyxl.utils import get_column_letter

    book = Workbook()
    leaf: Any = book.active
    line = Side(style="thin")
    top = 3
    for row, text, size in ((1, sheet.title, 15), (2, sheet.year_line, 10)):
        leaf.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(sheet.widths))
        fill(leaf.cell(row, 1), text)
        leaf.cell(row, 1).font = Font(name=OFFICE_FONT, size=size)
    for column, width in enumerate(sheet.widths, start=1):
        leaf.column_dimensions[get_column_letter(column)].width = width
    for row in range(top, top + sheet.height):
        for column in range(1, len(sheet.widths) + 1):
            leaf.cell(row, column).border = Border(line, line, line, line)
    for cell in sheet.cells:
        row, column = cell.row + top, cell.column + 1
        place = leaf.cell(row, column)
        fill(place, cell.text, is_prose=cell.is_prose)
        place.font = Font(name=OFFICE_FONT, size=8)
        if cell.rows > 1 or cell.columns > 1:
            leaf.merge_cells(
                start_row=row,
                end_row=row + cell.rows - 1,
                start_column=column,
                end_column=column + cell.columns - 1,
            )
    for row in range(sheet.height):
        leaf.row_dimensions[row + top].height = 3 + 11.5 * _lines(sheet, row)
    leaf.page_setup.paperSize = leaf.PAPERSIZE_A4
    leaf.page_setup.fitToHeight = 0
    leaf.sheet_properties.pageSetUpPr.fitToPage = True
    book.save(path)


def fill(place: Any, text: str, *, is_prose: bool = False) -> None:
    from openpyxl.styles import Alignment

    if found := _AMOUNT.fullmatch(text):
        place.value = float(text.replace(",", ""))
        whole = "#,##0" if "," in text else "0"
        place.number_format = f"{whole}.{'0' * len(found[1])}" if found[1] else whole
    else:
        place.value = text
        place.data_type = "s"
    across = "left" if is_prose else "center"
    place.alignment = Alignment(wrap_text=True, horizontal=across, vertical="center")


def _lines(sheet: Sheet, row: int) -> int:
    """Estimate how many lines the tallest cell of a row takes; a row never grows by itself."""
    needed = 1
    for cell in sheet.row(row):
        if cell.rows == 1:
            room = sum(sheet.widths[cell.column : cell.column + cell.columns])
            lines = (max(1, -(-_breadth(part) // room)) for part in cell.text.split("\n"))
            needed = max(needed, int(sum(lines)))
    return needed


def _breadth(text: str) -> float:
    return 1.3 + sum(1.75 if ord(character) > 0x2000 else 0.95 for character in text)


def write_document(sheet: Sheet, path: Path, *, size: float = 8, repeats: bool = False) -> None:
    """Write a sheet as a word-processor document with one table, its first row on every page."""
    from docx.oxml import OxmlElement
    from docx.shared import Pt

    document = new_document()
    document.styles["Normal"].font.size = Pt(size)
    add_form(document, sheet)
    if repeats:
        document.tables[0].rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    document.save(str(path))


def new_document() -> Any:
    """Return an empty word-processor document on A4."""
    from docx import Document
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    document = Document()
    paper = document.sections[0]
    paper.page_width, paper.page_height = Mm(210), Mm(297)
    paper.left_margin = paper.right_margin = Mm(16)
    normal: Any = document.styles["Normal"]
    normal.font.size = Pt(8)
    normal.font.name = FONT
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    return document


def add_form(document: Any, sheet: Sheet) -> None:
    """Add a sheet to a word-processor document: its lines, then its table."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    for text in filter(None, (sheet.title, sheet.year_line)):
        document.add_paragraph(text).alignment = WD_ALIGN_PARAGRAPH.CENTER
    table = document.add_table(sheet.height, len(sheet.widths), style="Table Grid")
    table.autofit = False
    squares = [list(row.cells) for row in table.rows]
    total = sum(sheet.widths)
    for column, width in enumerate(sheet.widths):
        for row in squares:
            row[column].width = Mm(WIDTH * width / total)
    for cell in sheet.cells:
        whole = squares[cell.row][cell.column]
        if cell.rows > 1 or cell.columns > 1:
            last = squares[cell.row + cell.rows - 1][cell.column + cell.columns - 1]
            whole = whole.merge(last)
        whole.text = cell.text
        across = WD_ALIGN_PARAGRAPH.LEFT if cell.is_prose else WD_ALIGN_PARAGRAPH.CENTER
        for paragraph in whole.paragraphs:
            paragraph.alignment = across


def _reportlab(batch: Batch) -> None:
    """Print with a font that is named and not embedded, as many published files do.

    The page is as long as three: a merged cell cannot go on over a page edge here.
    """
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    body = ParagraphStyle("body", fontName="STSong-Light", fontSize=8, wordWrap="CJK")
    middle = ParagraphStyle("middle", body, alignment=1)
    title = ParagraphStyle("title", middle, fontSize=14, leading=20)
    for sheet, path in batch:
        squares: list[list[Any]] = [[""] * len(sheet.widths) for _ in range(sheet.height)]
        commands: list[tuple[Any, ...]] = [("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
        for cell in sheet.cells:
            last = (cell.column + cell.columns - 1, cell.row + cell.rows - 1)
            commands.append(("SPAN", (cell.column, cell.row), last))
            commands.append(("BOX", (cell.column, cell.row), last, 0.5, "black"))
            style = body if cell.is_prose else middle
            squares[cell.row][cell.column] = Paragraph(_marked_up(cell.text), style)
        total = sum(sheet.widths)
        widths = [WIDTH * mm * width / total for width in sheet.widths]
        lines = [Paragraph(_marked_up(t), title) for t in (sheet.title, sheet.year_line) if t]
        margin = 15 * mm
        paper = SimpleDocTemplate(
            str(path),
            pagesize=(A4[0], 3 * A4[1]),
            leftMargin=margin,
            rightMargin=margin,
            topMargin=margin,
            invariant=1,
        )
        paper.build([*lines, Table(squares, widths, style=commands)])


def scanned(
    path: Path,
    number: int = 0,
    *,
    angle: float = 0.4,
    quarter: int = 0,
    dots: int = 200,
    light: float = 1.0,
) -> Any:
    """Print a page, lay it askew on a scanner with dirt on its glass; ``light`` fades."""
    import numpy as np
    import pypdfium2
    from PIL import Image

    page = pypdfium2.PdfDocument(path)[number]
    paper = page.render(scale=dots / 72).to_pil().convert("L")
    askew = paper.rotate(angle, fillcolor=255, resample=Image.Resampling.BICUBIC)
    shades = np.asarray(askew, dtype=float) * np.linspace(1, light, askew.width)
    shades += np.random.default_rng(7).normal(0, 8, shades.shape)
    return Image.fromarray(np.clip(shades, 0, 255).astype("uint8")).rotate(-90 * quarter, expand=1)


def _scan(batch: Batch) -> None:
    """Print with WeasyPrint and scan every page."""
    import pypdfium2

    for sheet, path in batch:
        with tempfile.TemporaryDirectory() as folder:
            printed = Path(folder, "printed.pdf")
            print_page(page(section(sheet)), printed)
            pages = [scanned(printed, n) for n in range(len(pypdfium2.PdfDocument(printed)))]
        pages[0].save(path, "PDF", resolution=200, save_all=True, append_images=pages[1:])


def _call(*command: str) -> None:
    done = subprocess.run(
        command,
        capture_output=True,
        timeout=LIMIT,
        check=False,
        text=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1735689600"},
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr[-500:]}")


def chromium_program() -> str | None:
    """Return the browser that is installed, if one is."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


PRODUCERS: dict[str, Callable[[Batch], None]] = {
    "reportlab": _reportlab,
    "weasyprint": _weasyprint,
    "scan": _scan,
    "chromium": _chromium,
    "calc": _calc,
    "writer": _writer,
    "weasyprint-large": _weasyprint_large,
    "writer-large": _writer_large,
    "html": partial(_saved, _write_page),
    "xlsx": partial(_saved, write_workbook),
    "docx": partial(_saved, write_document),
    "xls": lambda batch: _office(batch, ".xlsx", write_workbook, "xls"),
    "ods": lambda batch: _office(batch, ".xlsx", write_workbook, "ods"),
    "csv": lambda batch: _office(batch, ".xlsx", write_workbook, CSV_IN_UTF8),
    "doc": lambda batch: _office(batch, ".docx", write_document, "odt", "doc"),
    "html-anew": lambda batch: _office(
        batch, ".html", partial(_write_page, encoding="utf-8"), "html"
    ),
    "xlsx-anew": lambda batch: _office(batch, ".xlsx", write_workbook, "xlsx"),
    "docx-anew": lambda batch: _office(batch, ".docx", write_document, "docx"),
}
CSV_IN_UTF8 = "csv:Text - txt - csv (StarCalc):44,34,76"


def missing(producer: str) -> str:
    """Return why a producer cannot be used here, or an empty string."""
    if producer == "chromium":
        return "" if chromium_program() else "Chromium is not installed"
    module, program = {
        "dump": ("random", ""),
        "reportlab": ("reportlab", ""),
        "weasyprint": ("weasyprint", ""),
        "calc": ("openpyxl", "soffice"),
        "writer": ("docx", "soffice"),
        "doc": ("docx", "soffice"),
        "docx": ("docx", ""),
        "html": ("lxml", ""),
        "scan": ("rapidocr", ""),
        "xlsx": ("openpyxl", ""),
    }.get(producer.removesuffix("-large"), ("openpyxl", "soffice"))
    if program and not shutil.which(program):
        return f"LibreOffice ({program}) is not installed"
    if not find_spec(module):
        return f"the Python package {module} is not installed"
    if module == "reportlab":
        return "" if _has_chinese_font() else "no font for Chinese is installed"
    return _pango() if producer.startswith(("weasyprint", "scan")) else ""


def _has_chinese_font() -> bool:
    """Tell whether PDFium finds a glyph for a font that a file names and does not hold."""
    import io

    import pypdfium2
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfgen.canvas import Canvas

    registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.setFont("STSong-Light", 20)
    canvas.drawString(100, 100, "审")
    canvas.save()
    pdf = pypdfium2.PdfDocument(buffer.getvalue())
    text = pdf[0].get_textpage()
    if not text.count_chars():
        return False
    _, bottom, _, top = text.get_charbox(0)
    return bool(top - bottom > 1)


def _pango() -> str:
    try:
        import weasyprint  # noqa: F401
    except OSError as error:
        return f"WeasyPrint lacks a library: {str(error).splitlines()[0]}"
    return ""


def produce(producer: str, batch: Batch) -> None:
    """Print every sheet of a batch to its path."""
    PRODUCERS[producer](batch)
