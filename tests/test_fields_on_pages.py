"""Fields and groups of rows of web pages are read as a person sees them."""

from __future__ import annotations

import pytest
from test_seen import form, is_doubted, score, scored


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<select><option>3<option label=5 value=3 selected>3</select>", "5"),
        ("<select><optgroup label=3><option>5</optgroup></select>", "5"),
        ("<input type=tel value=5>", "5"),
        ("<input type=hidden value=3>5", "5"),
        ("<input placeholder=请输入>", ""),
        ("<button>5</button>", "5"),
    ],
)
def test_what_a_field_shows_is_read(cell: str, text: str) -> None:
    entry = score(scored(f"<td>{cell}</td>"))
    assert (entry.text, entry.doubts) == (text, ())


@pytest.mark.parametrize(
    "cell",
    [
        "<select multiple><option selected>3<option selected>5</select>",
        "<select size=2><option>3<option>5</select>",
        "<input type=password value=5>",
        "<input placeholder=5>",
        "<details><summary>5</summary>3</details>",
        "<ruby>5<rt>3</rt></ruby>",
    ],
)
def test_a_field_that_shows_more_or_less_than_its_value_is_doubted(cell: str) -> None:
    assert is_doubted(score(scored(f"<td>{cell}</td>")))


def test_the_foot_of_a_table_is_its_last_row_wherever_the_file_has_it() -> None:
    whole = scored("<td>5</td>").decode()
    last = whole.rindex("<tr>")
    foot = f"<tfoot>{whole[last : whole.index('</table>')]}</tfoot>"
    moved = whole[:last].replace("<table>", f"<table>{foot}<tbody>") + "</tbody></table></body>"
    total = form(moved.encode()).total_score
    assert total is not None
    assert total.cells[0].row == 3
