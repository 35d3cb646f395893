"""Files that are written in another way than most, and what is said of kinds that are not read."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject

import auditkit as ak
from auditkit.errors import DamagedError, NoFormError, UnsupportedError
from auditkit.readers import tables_of

PAGE = "<table>" + "".join(
    f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>"
    for row in (("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"),
                ("产出指标", "数量指标", "培训场次", "≥40场", "42场", "10", "10"))
) + "</table>"  # fmt: skip


def test_a_page_or_table_in_utf_16_without_a_mark_is_read() -> None:
    heads = "一级指标,二级指标,三级指标,年度指标值,实际完成值,分值,得分"
    lines = f"{heads}\n产出指标,数量指标,知晓率,90%,42%,5,5\n总分,,,,,10,10\n"
    for text in (f"<html><body>{PAGE}</body></html>", lines):
        for encoding in ("utf-16-le", "utf-16-be", "utf-16"):
            (grid,) = tables_of(text.encode(encoding), "form").grids
            assert "42" in grid.cells[11].text


def test_a_page_within_a_frame_is_read_and_frames_of_other_files_are_named() -> None:
    inner = f"<html><body>{PAGE}</body></html>".replace('"', "&quot;")
    assert tables_of(f'<html><iframe srcdoc="{inner}"></iframe></html>'.encode(), "a").grids
    for tag in ("<frameset><frame src=form.html></frameset>", "<iframe src=form.html></iframe>"):
        with pytest.raises(NoFormError, match=r"in frames \(form.html\)"):
            tables_of(f"<html>{tag}</html>".encode(), "a")


def test_what_is_said_of_a_picture_that_is_none_is_the_same_each_time() -> None:
    with pytest.raises(DamagedError) as caught:
        tables_of(b"\x89PNG\r\n\x1a\n cut", "scan.png")
    assert "object at" not in str(caught.value)


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"Rar!\x1a\x07\x00rest", "it is an archive"),
        (b"7z\xbc\xaf\x27\x1crest", "it is an archive"),
        (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><a/>', "one XML file"),
        (b'<?xml version="1.0"?><office:document office:version="1.2"/>', "one XML file"),
    ],
)
def test_what_is_not_read_is_refused_for_what_it_is(start: bytes, said: str) -> None:
    with pytest.raises(UnsupportedError, match=said):
        tables_of(start, "a")


def test_a_page_that_only_adobe_draws_is_named_for_what_it_is(tmp_path: Path) -> None:
    made = PdfWriter()
    made.add_blank_page(595, 842)
    stream = DecodedStreamObject()
    stream.set_data(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")
    form = {NameObject("/XFA"): made._add_object(stream), NameObject("/Fields"): ArrayObject()}
    made.root_object[NameObject("/AcroForm")] = DictionaryObject(form)
    made.write(tmp_path / "form.pdf")
    with pytest.raises(UnsupportedError, match=r"XFA.*Adobe Reader and print"):
        ak.read(tmp_path / "form.pdf")
