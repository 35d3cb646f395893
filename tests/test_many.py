"""Many reviews side by side."""

from __future__ import annotations

import shutil
from math import comb
from pathlib import Path

import pytest
from samples import FOLDER

import auditkit as ak
from auditkit.many import rank


@pytest.fixture(scope="module")
def reviews() -> tuple[ak.Review, ...]:
    found, failures = ak.review_folder(FOLDER)
    assert failures == {}
    return found


def test_a_bad_file_costs_that_file_alone_and_is_named(tmp_path: Path, xinhong: Path) -> None:
    shutil.copy(xinhong, tmp_path / "good.pdf")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    reviews, failures = ak.review_folder(tmp_path)
    assert [review.document.name for review in reviews] == ["good.pdf"]
    assert list(failures) == ["bad.pdf"]


def test_most_errors_come_first_and_nothing_is_left_out(reviews: tuple[ak.Review, ...]) -> None:
    ranked = rank(reviews)
    errors = [
        sum(f.severity == "error" for f in one.findings_of(ak.Outcome.FAIL)) for one in ranked
    ]
    assert errors == sorted(errors, reverse=True)
    assert {id(one) for one in ranked} == {id(one) for one in reviews}
    assert len(ak.show_ranking(reviews).rows) == len(reviews)


def test_texts_that_stand_on_two_forms_are_named_with_both(reviews: tuple[ak.Review, ...]) -> None:
    rows = ak.show_repeats(reviews).rows
    assert {row[2] for row in rows} == {"dump-xinhong.txt #1; xinhong-2024.pdf #1"}


def test_a_sample_drawn_with_a_seed_is_drawn_again_by_it(reviews: tuple[ak.Review, ...]) -> None:
    assert ak.draw_sample(reviews, 5, 7) == ak.draw_sample(reviews, 5, 7)
    assert ak.draw_sample(reviews, 5, 7) != ak.draw_sample(reviews, 5, 8)
    assert list(ak.draw_sample(reviews, 3)) == rank(reviews)[:3]


@pytest.mark.parametrize("population", [1, 5, 14, 100, 1000])
def test_a_sample_is_the_smallest_that_finds_one_of_the_wrong_forms(population: int) -> None:
    def missed(size: int) -> float:
        right = population - round(population * 0.2)
        return comb(right, size) / comb(population, size)

    size = ak.sample_size(population, share=0.2, confidence=0.9)
    assert size == population or missed(size) <= 0.1 + 1e-12
    assert size == 0 or missed(size - 1) > 0.1


def test_a_figure_is_taken_of_each_form_that_has_it(reviews: tuple[ak.Review, ...]) -> None:
    totals = ak.figure_of_each(reviews, "total score")
    assert str(totals["xinhong-2024.pdf #1"]) == "99.37"
    assert "county-disclosure-2023.pdf #2" not in totals
