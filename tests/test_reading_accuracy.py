"""Forms set in six layouts as every kind of file are read as they were set.

A program sets them in two of the layouts, what an office program reads again in one; with
``--long`` each sets them in all six.
"""

from __future__ import annotations

from pathlib import Path

import measure_reading
import pytest
from producers import missing

LAYOUTS = "ABCDEG"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("producer", "some"),
    [(name, LAYOUTS[n % 3 :: 3]) for n, name in enumerate(measure_reading.ALL)],
)
def test_forms_are_read_as_printed(
    producer: str, some: str, tmp_path: Path, request: pytest.FixtureRequest, at_length: bool
) -> None:
    if reason := missing(producer):
        pytest.skip(reason)
    folder = request.config.getoption("--forms")
    forms = measure_reading.transcripts(folder) if folder else measure_reading.own_forms()
    layouts = LAYOUTS if at_length else some[:1] if producer == "doc" else some
    files = measure_reading.set_forms(forms, [producer], list(layouts), tmp_path)
    tallies = measure_reading.run(forms, files, measure_reading.NAMED)
    fields = sum(sum(tally.fields.values()) for tally in tallies.values())
    right = sum(sum(tally.right.values()) for tally in tallies.values())
    misses = [miss for tally in tallies.values() for miss in tally.misses]
    assert sum(tally.sure_wrong for tally in tallies.values()) == 0, misses
    assert right >= 0.995 * fields, misses[:20]
    assert sum(tally.sure for tally in tallies.values()) > 100 * len(tallies)
