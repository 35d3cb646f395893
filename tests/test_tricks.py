"""What is sure is what a person sees, whatever is done to a value: a few inputs of each kind."""

from __future__ import annotations

import pytest
import tricks

COUNTS = {"html": 80, "docx": 80, "xlsx": 40, "pdf": 4}
LEAST_SURE = 0.2  # of the inputs, in which nothing was done or what was done is known


@pytest.mark.parametrize("kind", COUNTS)
def test_what_is_sure_is_what_a_person_sees(kind: str) -> None:
    assert list(tricks.wrong(kind, range(COUNTS[kind]))) == []


def test_not_everything_is_doubted() -> None:
    for kind in ("html", "docx", "xlsx"):
        came = [tricks.came_of(kind, number).outcome for number in range(20)]
        assert came.count("right") > LEAST_SURE * len(came), kind
