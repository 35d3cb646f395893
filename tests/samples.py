"""The project's own samples: the facts of each, how it is printed, and what is wrong in it.

``data/samples/<name>/case.toml`` holds the facts, or names the sample that has them; the document
beside it is made from them by ``data/make_samples.py``. Rows are arrays of printed text in the
order of the dataclass fields.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typesetting import Form, FundingRow, IndicatorRow, Layout, layout_named

AS_SAVED = {"docx": "docx", "dump": "txt", "html": "html", "xlsx": "xlsx"}
FOLDER = Path(__file__).parent.parent / "data" / "samples"


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something wrong in a form: the rule that finds it, and words of its subject's path."""

    rule: str
    subject: str
    what: str


@dataclass(frozen=True, slots=True)
class SampleForm:
    """One form of a sample, as printed in its layout."""

    form: Form
    layout: Layout
    is_clean: bool
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample document."""

    name: str
    producer: str
    forms: tuple[SampleForm, ...]
    seed: int = 0
    rows: int = 0

    @property
    def path(self) -> Path:
        """The document: a PDF file unless the producer is a kind of file."""
        suffix = AS_SAVED.get(self.producer, "pdf")
        return FOLDER / self.name / f"{self.name}.{suffix}"


def papers_in(out: Path) -> Path:
    """The one folder of workpapers below the folder that a review wrote to."""
    (manifest,) = out.glob("*/manifest.json")
    return manifest.parent


def load(folder: Path = FOLDER) -> tuple[Sample, ...]:
    """Load the facts of every sample, in the order of their names."""
    return tuple(_sample(path) for path in sorted(folder.glob("*/case.toml")))


def _sample(path: Path) -> Sample:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    name = path.parent.name
    if "facts" in case:  # those of another sample
        other = tomllib.loads((FOLDER / case["facts"] / "case.toml").read_text(encoding="utf-8"))
        case["forms"] = [{**form, "wrong": case.get("wrong", ())} for form in other["forms"]]
    forms = [
        _form(facts, f"{name}-{number}" if len(case["forms"]) > 1 else name, case["is_clean"])
        for number, facts in enumerate(case["forms"], start=1)
    ]
    return Sample(name, case["producer"], tuple(forms), case.get("seed", 0), case.get("rows", 0))


def _form(facts: Mapping[str, Any], name: str, is_clean: bool) -> SampleForm:
    texts = [
        "title",
        "year",
        "project",
        "department",
        "implementer",
        "currency_unit",
        "expected",
        "actual",
        "total_points",
        "total_score",
    ]
    form = Form(
        name=name,
        funding=tuple(FundingRow(*row) for row in facts["funding"]),
        indicators=tuple(IndicatorRow(*row) for row in facts["indicators"]),
        **{key: facts.get(key, "") for key in texts},
    )
    wrong = tuple(Wrong(**one) for one in facts.get("wrong", ()))
    return SampleForm(form, layout_named(facts["layout"]), facts.get("is_clean", is_clean), wrong)
