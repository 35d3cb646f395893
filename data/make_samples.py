"""Print the sample documents from their facts: python data/make_samples.py [NAME…].

The facts of a sample stand in ``data/samples/<name>/case.toml``. WeasyPrint prints the same bytes
in every run; LibreOffice prints the same page from the same version.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import county_disclosure
from dumping import dump
from producers import convert, missing, produce
from samples import Sample, load
from typesetting import lay_out


def make(sample: Sample) -> None:
    """Print one sample, or write it as a dump."""
    if sample.producer == "dump":
        text = dump(sample.forms[0].form, sample.seed, sample.rows)
        sample.path.write_text(text, encoding="utf-8")
        return
    sheets = [lay_out(one.form, one.layout) for one in sample.forms]
    if len(sheets) == 1:
        produce(sample.producer, [(sheets[0], sample.path)])
        return
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, f"{sample.name}.docx")
        county_disclosure.write(sheets, source)
        convert([source], Path(folder))
        shutil.move(source.with_suffix(".pdf"), sample.path)


def main(names: list[str]) -> int:
    """Print the samples named, or all; say which could not be printed here."""
    failed = 0
    for sample in load():
        if names and sample.name not in names:
            continue
        if reason := missing(sample.producer):
            failed = 1
            sys.stderr.write(f"{sample.name}: not made, {reason}\n")
            continue
        make(sample)
        sys.stdout.write(f"{sample.path.name}: {sample.path.stat().st_size // 1024} KiB\n")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
