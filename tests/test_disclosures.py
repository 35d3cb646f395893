"""What final accounts state of self-evaluation in prose is tied to the forms they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import disclosures
import pytest

from auditkit.grid import Box, Cell, Document, plain
from auditkit.reviewing import Review, Terms, review
from auditkit.stated import StatedFigure, speaking, stated


@pytest.fixture(scope="session")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Review, ...]:
    path = tmp_path_factory.mktemp("accounts") / "accounts.html"
    disclosures.write(disclosures.clean(), path, 1)
    return review(path, Terms(log=Terms.NO_LOG, rules=()))


def told(reviews: Sequence[Review], folder: Path, text: str = "") -> Any:
    """Return what the two rules say, of another statement in the same place if one is given."""
    first, *others = reviews
    if text:
        said = tuple(replace(cell, text=speaking(text)) for cell in first.report.prose[:1])
        first = replace(first, report=replace(first.report, prose=said))
    return disclosures.told([first, *others], folder)


def wrong(found: Any) -> list[tuple[str, str]]:
    return [(f.rule, f.message()) for f in found if f.outcome in ("fail", "review")]


def test_a_statement_that_is_true_of_the_forms_is_tied_out(
    reviewed: tuple[Review, ...], tmp_path: Path
) -> None:
    found = told(reviewed, tmp_path)
    assert wrong(found) == []
    assert len(found) == 10  # three within itself, seven beside the forms
    average = plain(disclosures.clean().text).partition("。")[0]
    assert any(average in cell.text for f in found for cell in f.cells)


@pytest.mark.parametrize("name", list(disclosures.planted()))
def test_each_contradiction_is_found_by_its_rule(
    name: str, reviewed: tuple[Review, ...], tmp_path: Path
) -> None:
    said, rule = disclosures.planted()[name]
    assert rule in [each for each, _ in wrong(told(reviewed, tmp_path, said.text))]


@pytest.mark.long
@pytest.mark.parametrize("suffix", [".pdf", ".docx"])
@pytest.mark.parametrize("name", ["nothing", *disclosures.planted()])
def test_each_contradiction_is_found_among_thirty_pages(name: str, suffix: str) -> None:
    said, rule = disclosures.planted().get(name, (disclosures.clean(), ""))
    found, page = disclosures.tied(said, suffix)
    assert rule in [one.rule for one in found] if rule else found == []
    assert page > 20 or suffix != ".pdf"


def test_fewer_forms_than_stated_are_asked_about_and_nothing_else_is_tied(
    reviewed: tuple[Review, ...], tmp_path: Path
) -> None:
    said, _ = disclosures.planted()["a project too many"]
    said_of = "projects: 4 stated, only 3 forms are here, so that nothing else can be tied"
    assert wrong(told(reviewed, tmp_path, said.text)) == [("CR-14", said_of)]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        (
            "我局组织对一般公共预算项目支出全面开展绩效自评,共涉及项目3个,资金300.4万元,"
            "占项目支出总额的100%。平均得分为98.5分。",
            {"projects": "3", "amount": "300.4", "average": "98.5"},
        ),
        (
            "本单位开展绩效自评的项目共5个,涉及财政资金共计1.2亿元。其中,3个项目评为优,"
            "2个项目评为良。自评发现问题三项,其中2项已完成整改。",
            {"projects": "5", "amount": "12000", "excellent": "3", "good": "2",
             "problems": "3", "mended": "2"},
        ),
        (
            "将十二个项目纳入绩效自评。本年自评得分平均为91.20分,优秀10个,良好2个。",
            {"projects": "12", "average": "91.20", "excellent": "10", "good": "2"},
        ),
        ("绩效自评平均得分较高,优良率100%。", {"not understood": ""}),
        ("本部门认真开展绩效自评,自评表见附件。", {}),
    ],
)  # fmt: skip
def test_figures_are_read_as_accounts_word_them(text: str, figures: dict[str, str]) -> None:
    page = Cell(Document("", "a.pdf"), Box(1, 0, 0, 595, 842), speaking(text), 0, 0)
    read = {str(one.figure): one.value for one in stated([page] if page.text else [])}
    assert read == {name: Decimal(v) if v else None for name, v in figures.items()}
    assert set(read) <= set(StatedFigure)
