"""The workpaper as one self-contained page: to read, to print, to send.

``page.html`` is what it looks like; here is what it is made of. All texts are escaped.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from unicodedata import bidirectional

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from auditkit import schedules
from auditkit.decisions.events import Decision, Standing, about, decided_of
from auditkit.findings import Finding, Outcome, Severity
from auditkit.grid import Box, Cell
from auditkit.readers import kind_of
from auditkit.redaction import MASK
from auditkit.report import Entry
from auditkit.reviewing import Review
from auditkit.schedules import Saying
from auditkit.version import __version__
from auditkit.wording import Fact, Statement, Term, put
from auditkit.workpapers.pages import PagePicture, pictures

_Decisions = Sequence[tuple[Decision, Standing]]
# What a finding is shown as, by the class that its looks go by; the worst first.
_KINDS: dict[str, Fact] = {
    **{severity.value: severity for severity in (Severity.ERROR, Severity.WARNING, Severity.NOTE)},
    "review": Outcome.REVIEW,
    "suppressed": Term("suppressed"),
}

# Where letters from right to left stand, for a quick look into texts that mostly have none.
_MAY_TURN = re.compile("[\u0590-\u08ff\ufb1d-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")


def page(reviews: Sequence[Review], source: bytes | None = None, decisions: _Decisions = ()) -> str:
    """Return the whole page for the forms of one document.

    ``source`` are the bytes of the document, for pictures of its pages; ``decisions`` what the log
    says of the findings (``Log.standing``): those to be made again come first.
    """
    drawn, every = (
        _pictures(reviews, source) if source else {},
        schedules.numbered_findings(reviews),
    )
    forms = [
        _Form(review, at, drawn, [(n, f, words) for n, r, f, words in every if r is review])
        for at, review in enumerate(reviews, start=1)
    ]
    asked = [
        each
        for each in decisions
        if each[1] in (Standing.STALE, Standing.ORPHANED, Standing.OFFERED)
    ]
    lang, (frame, paper) = reviews[0].lang, _paper()
    return paper.render(
        forms=forms,
        drawn=drawn,
        first=reviews[0],
        version=__version__,
        lang=lang,
        put=partial(put, lang=lang),
        term=lambda key: put(Term(key), lang),
        figures=partial(schedules.figures, lang=lang),
        page_of=lambda number: put(Statement.of(Saying.PAGE, page=number), lang),
        decided_of=decided_of,
        about=about,
        schedules=schedules,
        Saying=Saying,
        kinds=_KINDS,
        counted=Counter(found.kind for form in forms for found in form.found),
        decided=decisions,
        logs=((Term("decisions to be made again"), asked), (Term("decisions"), decisions)),
        links={found.finding.key: found.id for form in forms for found in form.found},
        hashes={
            kind: b64encode(hashlib.sha256(text.encode()).digest()).decode()
            for kind, text in re.findall(r"<(style|script)>(.*?)</\1>", frame, re.DOTALL)
        },
    )


@cache
def _paper() -> tuple[str, Template]:
    """Return what the page looks like, as text and ready to be filled in."""
    frame = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    paper = Environment(
        autoescape=True, finalize=_shown, undefined=StrictUndefined, trim_blocks=True
    )
    paper.filters["plain"] = lambda text: Markup(escape(schedules.visible(text)))
    paper.tests["entry"] = lambda cell: isinstance(cell, Entry)
    return frame, paper.from_string(frame)


def _pictures(reviews: Sequence[Review], source: bytes) -> Mapping[int, PagePicture]:
    kind = kind_of(source)
    if kind == "image":
        from auditkit.readers.scan import as_pdf

        source = as_pdf(source, reviews[0].document.name)
    elif kind != "pdf":
        return {}
    boxes = [(cell.text, box) for review in reviews for box, cell in _boxed(review).items()]
    boxes += [(cell.text, box) for review in reviews for box, cell in _unplaced(review)]
    masked = [box for text, box in boxes if MASK in text]
    return pictures(source, {box.page for _, box in boxes}, reviews[0].redaction, masked)


def _boxed(review: Review) -> dict[Box, Cell]:
    """Return the cells of a form, and of its findings, that stand on pages of its document."""
    cells = [cell for entry in review.report.entries() for cell in entry.cells]
    cells += [cell for finding in review.findings for cell in finding.cells]
    own = (cell for cell in cells if cell.document == review.document)
    return {cell.place: cell for cell in own if isinstance(cell.place, Box)}


def _unplaced(review: Review) -> list[tuple[Box, Cell]]:
    """Return the cells of a form that were not understood and stand on pages."""
    cells = review.report.unplaced
    return [(cell.place, cell) for cell in cells if isinstance(cell.place, Box)]


@dataclass(frozen=True, slots=True)
class _Found:
    """A finding as the page shows it: its number, what is said of it, and which of ``KINDS``."""

    number: str
    id: str
    finding: Finding
    words: dict[str, str]

    @property
    def kind(self) -> str:
        """Which of ``KINDS`` it is."""
        if self.finding.suppressed:
            return "suppressed"
        is_review = self.finding.outcome is Outcome.REVIEW
        return "review" if is_review else self.finding.severity.value

    @property
    def short(self) -> str:
        """Its number within the form."""
        return f"{self.number[0]}{self.number[1:].rpartition('.')[2]}"

    @property
    def told(self) -> str:
        """What it says, in a line to be shown beside its cells."""
        return f"{self.number}. {self.words['rule']}: {self.words['what was found']}"


@dataclass(slots=True)
class _Form:
    """One form as the page shows it.

    ``boxes`` are the cells of each page that findings stand on, ``unplaced`` those that were not
    understood, ``anchors`` tells where on the
    page a cell is, ``ids`` what the places of entries in the tables are called.
    """

    review: Review
    number: int
    drawn: Mapping[int, PagePicture]
    asked: Sequence[tuple[str, Finding, dict[str, str]]]
    found: list[_Found] = field(default_factory=list)
    marks: dict[Cell, list[_Found]] = field(default_factory=dict)
    boxes: dict[int, list[tuple[Box, Cell]]] = field(default_factory=dict)
    unplaced: dict[int, list[tuple[Box, Cell]]] = field(default_factory=dict)
    anchors: dict[Cell, str] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)
    as_read: tuple[schedules.Schedule, ...] = ()

    def __post_init__(self) -> None:
        for number, finding, words in self.asked:
            found = _Found(number, f"q{self.number}-{len(self.found)}", finding, words)
            self.found.append(found)
            for cell in finding.cells:
                self.marks.setdefault(cell, []).append(found)
        for box, cell in sorted(_boxed(self.review).items()):
            if box.page in self.drawn:
                self.boxes.setdefault(box.page, [])
                if cell in self.marks:
                    self.boxes[box.page].append((box, cell))
                    self.anchors[cell] = f"b{self.number}-{len(self.anchors)}"
        for box, cell in _unplaced(self.review):
            if box.page in self.drawn:
                self.boxes.setdefault(box.page, [])
                self.unplaced.setdefault(box.page, []).append((box, cell))
        report, lang = self.review.report, self.review.lang
        head, rows = schedules.head(report, lang), schedules.indicators(report)
        self.as_read = (head, schedules.budget(report), rows)
        shown = (cell for _, rows in self.as_read for row in rows for cell in row)
        for entry in (cell for cell in shown if isinstance(cell, Entry)):
            for cell in entry.cells:
                anchor = self.anchors.setdefault(cell, f"f{self.number}-{len(self.anchors)}")
                self.ids.setdefault(id(entry), anchor)

    def id_of(self, entry: Entry) -> str:
        """Return what the place of an entry is called, only once, and if nothing else is."""
        anchor = self.ids.pop(id(entry), "b")
        return "" if anchor.startswith("b") else anchor

    def on(self, cells: Iterable[Cell]) -> list[_Found]:
        """Return the findings on some cells, in order."""
        ids = {found.id for cell in cells for found in self.marks.get(cell, ())}
        return [found for found in self.found if found.id in ids]

    def kind(self, cells: Iterable[Cell]) -> str:
        """Return the worst of what findings on some cells are, empty where there are none."""
        return min((found.kind for found in self.on(cells)), key=[*_KINDS].index, default="")


def _shown(value: object) -> object:
    """Escape a text, and keep letters that run from right to left from turning what is around."""
    if isinstance(value, Markup):
        return value
    safe = escape(schedules.visible(str(value)))
    turns = _MAY_TURN.search(safe) and any(bidirectional(c) in ("R", "AL", "AN") for c in safe)
    return Markup("<bdi>{}</bdi>").format(safe) if turns else safe
