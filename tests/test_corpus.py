"""The samples, read and reviewed, compared with golden files that are reviewed as diffs.

    python tests/test_corpus.py --regenerate

writes the golden files anew: ``tests/corpus/<sample>/report.json`` holds the forms as read,
``findings.json`` what the rules made of them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "corpus"
if __name__ == "__main__":
    sys.path[:0] = [str(FOLDER.parent), str(FOLDER.parent.parent)]

import samples  # noqa: E402

from auditkit.contract import finding_json, report_json  # noqa: E402
from auditkit.findings import Outcome, Severity  # noqa: E402
from auditkit.reviewing import Review, review  # noqa: E402

ALL = samples.load()


def goldens(reviews: tuple[Review, ...]) -> dict[str, list[Any]]:
    """Return what the golden files of one document hold."""
    asked = (Outcome.FAIL, Outcome.REVIEW, Outcome.OPEN)
    return {
        "report.json": [report_json(one.report) for one in reviews],
        "findings.json": [[finding_json(f) for f in one.findings_of(*asked)] for one in reviews],
    }


@pytest.mark.parametrize("sample", ALL, ids=lambda sample: sample.name)
def test_a_sample_is_read_and_reviewed_as_before(sample: samples.Sample) -> None:
    for name, found in goldens(review(sample.path)).items():
        golden = json.loads((FOLDER / sample.name / name).read_text(encoding="utf-8"))
        assert found == golden, (
            f"{name} of {sample.name} has changed: make regenerate, read the diff"
        )


@pytest.mark.parametrize("sample", ALL, ids=lambda sample: sample.name)
def test_what_is_wrong_in_a_sample_is_found(sample: samples.Sample) -> None:
    reviews = review(sample.path)
    assert len(reviews) == len(sample.forms)
    for one, form in zip(reviews, sample.forms, strict=True):
        failed = one.findings_of(Outcome.FAIL)
        for wrong in form.wrong:
            assert any(_is_about(f.rule, f.observation.subject, wrong) for f in failed), wrong


@pytest.mark.parametrize("sample", ALL, ids=lambda sample: sample.name)
def test_nothing_else_in_a_sample_is_called_an_error(sample: samples.Sample) -> None:
    for one, form in zip(review(sample.path), sample.forms, strict=True):
        for finding in one.findings_of(Outcome.FAIL):
            if finding.severity is Severity.ERROR:
                subject = finding.observation.subject
                assert any(_is_about(finding.rule, subject, wrong) for wrong in form.wrong), (
                    finding.rule,
                    finding.message(),
                )


def _is_about(rule: str, subject: str, wrong: samples.Wrong) -> bool:
    found = subject.split("/")
    return rule == wrong.rule and (wrong.subject in subject or found[-1] in wrong.subject)


def regenerate() -> None:
    """Write the golden files of every sample."""
    for sample in ALL:
        folder = FOLDER / sample.name
        folder.mkdir(parents=True, exist_ok=True)
        for name, found in goldens(review(sample.path)).items():
            text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
            (folder / name).write_text(text, encoding="utf-8")
            sys.stdout.write(f"{folder.name}/{name}\n")


if __name__ == "__main__":
    if sys.argv[1:] != ["--regenerate"]:
        sys.exit("usage: python tests/test_corpus.py --regenerate")
    regenerate()
