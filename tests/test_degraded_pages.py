"""Pages as paper comes, each read once: what must hold of any, however badly it is read.

``python tests/measure_scans.py`` reads all kinds of them, with many forms.
"""

from __future__ import annotations

import importlib.util

import pytest
from conftest import SAMPLES
from degrading import degraded
from measure_scans import printed_of
from misreadings import NEVER, REFUSED, RIGHT, judged, read

FORM = SAMPLES / "town-2020" / "town-2020.pdf"
ENOUGH = 0.9  # of the fields, so that it is not by doubting all that nothing is wrong

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("rapidocr") is None, reason="the extra `ocr` is not installed"
    ),
]


@pytest.mark.parametrize("kind", ["fax", "askew", "red seal on total", "punched"])
def test_no_sure_number_is_wrong_and_nothing_lost_without_a_word(kind: str) -> None:
    printed, truth = printed_of(FORM.read_bytes())
    paper = degraded(kind, printed, 1)
    found = judged(truth, read(paper.data, f"paper.{paper.suffix}"), paper.struck)
    assert not [str(one) for one in found if one.kind in {*NEVER, REFUSED}]
    assert sum(one.kind in RIGHT for one in found) >= ENOUGH * len(found)
