"""Doubts and notes are values: each kind has words in both languages, and nothing hangs on them."""

from __future__ import annotations

import ast
import inspect
import pickle
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from string import Formatter

import pytest
import samples
from sheets import forms, grid

import auditkit
from auditkit import wording
from auditkit.contract import report_json, review_json
from auditkit.doubts import Doubt, DoubtKind, Note, NoteKind
from auditkit.forms.neighbours import Neighbour
from auditkit.grid import (
    Box,
    Cell,
    Document,
    Extent,
    How,
    Place,
    SheetCell,
    Span,
    TableCell,
    Unit,
    Where,
)
from auditkit.readers.guard import notes_on
from auditkit.reviewing import Review, Terms, review
from auditkit.wording import LANGUAGES, Language, put
from reports import kinds

SOURCE = Path(auditkit.__file__).parent
WORDED: tuple[type[StrEnum], ...] = (DoubtKind, NoteKind, Where, How, Neighbour)
MADE: dict[str, type[StrEnum]] = {"Doubt": DoubtKind, "Note": NoteKind}
SAMPLES = samples.load()


def facts(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def texts(kind: StrEnum) -> dict[str, str]:
    return dict(wording.words()[type(kind).__name__][kind])


def made() -> Iterator[tuple[StrEnum, set[str]]]:
    """Yield each kind that a doubt or note is made of in the code, with the names of its facts."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id=name) | ast.Attribute(value=ast.Name(id=name), attr="of"),
                    args=[ast.Attribute(attr=member)],
                ) if name in MADE:
                    yield MADE[name][member], {word.arg or "**" for word in node.keywords}


@pytest.mark.parametrize("kind", [kind for every in WORDED for kind in every], ids=repr)
def test_every_kind_is_worded_in_both_languages_with_the_same_facts(kind: StrEnum) -> None:
    said = texts(kind)
    assert tuple(said) == LANGUAGES
    assert facts(said["en"]) == facts(said["zh"])
    assert re.search("[一-鿿]", said["zh"]) or not re.search(
        "[a-z]", re.sub("{.*?}", "", said["en"])
    )


def test_no_kind_is_worded_that_is_not_there() -> None:
    for every in WORDED:
        assert set(wording.words()[every.__name__]) == {*every}


@pytest.mark.parametrize("every", [DoubtKind, NoteKind, Where])
def test_the_facts_of_a_kind_are_named_beside_it(every: type[StrEnum]) -> None:
    for name, named in re.findall(
        r"(\w+) = \"[^\"]+\"(?:  # facts: (.+))?", inspect.getsource(every)
    ):
        assert {*filter(None, named.split(", "))} == facts(texts(every[name])["en"]), name


def test_every_kind_is_made_somewhere_of_the_facts_that_its_words_need() -> None:
    found = list(made())
    assert {kind for kind, _ in found} == {*DoubtKind, *NoteKind}
    for kind, given in found:
        assert given == facts(texts(kind)["en"]), kind


def test_what_a_form_lacks_and_what_is_active_can_be_said_in_both_languages() -> None:
    (report,) = forms(grid("项目名称 | 养护 | <\n三级指标 | 指标值 | 完成值\n里程 | 100 | 100"))
    active = b"vbaProject <script /launch /EmbeddedFile /externalLinks/"
    (note,) = notes_on(active)
    assert len(note["what"]) == 5  # type: ignore[arg-type]
    for said in (*report.notes, note):
        assert put(said, "en")
        assert not re.search("[A-Za-z]", put(said, "zh"))


def answers(one: Review) -> list[object]:
    """Return all that was read and found but how it is said."""
    read = [
        (entry.path, entry.reading, entry.how, entry.doubts, [cell.place for cell in entry.cells])
        for entry in one.report.entries()
    ]
    figures = [(f.subject, f.name, f.value, f.span, f.agreement) for f in one.figures]
    found = [
        (f.rule, f.key, f.state, f.severity, f.observation, f.doubts, f.basis) for f in one.findings
    ]
    return [read, figures, found, one.report.notes]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_rewording_a_doubt_or_a_note_changes_no_outcome(
    sample: samples.Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = review(sample.path)
    known = wording.words()
    reworded = {
        every.__name__: {kind: dict.fromkeys(LANGUAGES, f"<{kind}>") for kind in every}
        for every in (DoubtKind, NoteKind)
    }
    monkeypatch.setattr(wording, "words", lambda: {**known, **reworded})
    after = review(sample.path)
    assert [answers(one) for one in after] == [answers(one) for one in before]
    for one in after:
        for finding in one.findings:
            assert all(f"<{doubt.kind}>" in finding.message() for doubt in finding.doubts)


def test_the_samples_hold_doubts_and_notes_of_several_kinds() -> None:
    reports = [one.report for sample in SAMPLES for one in review(sample.path)]
    assert len(kinds(d for r in reports for e in r.entries() for d in e.doubts)) >= 5
    assert len(kinds(note for report in reports for note in report.notes)) >= 3


def test_json_says_doubts_in_a_language_with_their_kinds_beside_them() -> None:
    dump = next(sample for sample in SAMPLES if sample.path.suffix == ".txt")
    (one,) = review(dump.path)
    expected = one.report.goals.expected
    assert expected is not None
    for lang, said in (("en", "the text goes on on line 12"), ("zh", "文字在第12行继续")):
        made = report_json(one.report, lang)
        assert made["goals"]["expected"]["doubts"] == [said]
        assert made["goals"]["expected"]["doubt_kinds"] == [DoubtKind.GOES_ON]
        assert made["notes"] == [put(note, lang) for note in one.report.notes]
    (chinese,) = review(dump.path, Terms(lang=Language.ZH))
    assert review_json(chinese)["report"] == report_json(chinese.report, "zh")


def test_a_doubt_that_came_from_another_process_is_of_the_same_kind() -> None:
    doubt = Doubt.of(DoubtKind.RARE, count=1, repeats=3)
    again = pickle.loads(pickle.dumps(doubt))
    assert again == doubt
    assert again.kind is DoubtKind.RARE


@pytest.mark.parametrize(
    ("place", "english", "chinese"),
    [
        (Box(3, 10.4, 20.6, 30, 40), "page 3 at 10,21", "第3页(10,21)"),
        (SheetCell("自评表", "F8"), "自评表!F8", "自评表!F8"),
        (TableCell(1, 2, 3), "table 1, row 2, column 3", "表1第2行第3列"),
        (Span(12, 3, 9), "line 12, columns 3-9", "第12行第3-9列"),
        (Extent(Unit.PAGE, 3, 3), "page 3", "第3页"),
        (Extent(Unit.PAGE, 3, 4), "pages 3-4", "第3-4页"),
        (Extent(Unit.TABLE, 1, 1), "table 1", "表1"),
        (Extent(Unit.TABLE, 1, 2), "tables 1-2", "表1-2"),
        (Extent(Unit.LINE, 5, 5), "line 5", "第5行"),
        (Extent(Unit.LINE, 1, 40), "lines 1-40", "第1-40行"),
        (Extent(Unit.ROW, 7, 7, "表, rows 1"), "sheet 表, rows 1, row 7", "表, rows 1第7行"),
        (Extent(Unit.ROW, 1, 40, "自评表"), "sheet 自评表, rows 1-40", "自评表第1-40行"),
    ],
)
def test_places_are_said_in_both_languages(
    place: Place | Extent, english: str, chinese: str
) -> None:
    assert str(place) == put(place, Language.EN) == english
    assert put(place, Language.ZH) == chinese


def test_what_stands_on_a_page_is_found_by_row_and_column_and_a_line_over_it_by_the_page() -> None:
    document, box = Document("", "a.pdf"), Box(3, 10, 20, 30, 40)
    cell, line = Cell(document, box, "93.74%", 4, 7), Cell(document, box, "自评表", 0, 0, 0, 0)
    said = [put(one.stands, lang) for one in (cell, line) for lang in (Language.EN, Language.ZH)]
    assert said == ["page 3, row 5, column 8", "第3页第5行第8列", "page 3", "第3页"]
    other = Cell(document, SheetCell("自评表", "F8"), "93.74%", 4, 7)
    assert other.stands == other.place


def test_a_doubt_is_said_in_the_language_that_is_asked_for() -> None:
    doubt = Doubt.of(DoubtKind.REPEATS_DIFFER, first="甲", votes=3, second="乙", fewer=2)
    assert put(doubt, "en") == "the repeats differ: 甲 (3), 乙 (2)"
    assert put(doubt, "zh") == "重复内容不一致:甲 (3), 乙 (2)"
    note = Note.of(NoteKind.TABLE_NOT_TAKEN, place=Extent(Unit.PAGE, 3, 4))
    assert put(note, "zh").startswith("第3-4页:")
