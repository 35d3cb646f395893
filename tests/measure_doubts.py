"""Measure false alarms: the cells of ordinary forms that are doubted, of every kind of file.

Nothing about these forms is odd, so that each doubt is one too many. Of the pages of PDF files
fewer than one cell in 10,000 may be doubted for its ink, of others one in 1,000 for its look.

    python tests/measure_doubts.py
    python tests/measure_doubts.py --forms FOLDER --already-set FOLDER --layouts A C
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from measure_reading import ALL, already_set, own_forms, set_forms, transcripts
from producers import missing

from auditkit.doubts import SEEN_OTHERWISE, DoubtKind
from auditkit.errors import AuditkitError
from auditkit.readers import tables

SAVED_ANEW = ("html-anew", "xlsx-anew", "docx-anew")  # opened by an office suite, and saved
PRINTED = ("reportlab", "weasyprint", "chromium", "calc", "writer")
# Calc sets the label of a merged cell that goes on overleaf beside the second page: it is not seen.
RIGHT = {DoubtKind.OUTSIDE}
ALLOWED = {True: 10_000, False: 1_000}  # cells, of which fewer than one is doubted; of prints first


def doubted(files: Iterable[Path]) -> tuple[int, Counter[DoubtKind]]:
    """Count the cells of some files, and those that are doubted, by the kind of doubt."""
    cells, kinds = 0, Counter[DoubtKind]()
    for path in files:
        try:
            found = tables(path)
        except AuditkitError:  # what is refused is counted by measure_reading
            continue
        for cell in (cell for grid in found.grids for cell in grid.cells):
            cells += 1
            kinds.update({doubt.kind for doubt in cell.doubts})
    return cells, kinds


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for prints and one for other files; 1 where more is doubted than may be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--forms", type=Path, help="folder of transcriptions instead of our own")
    parser.add_argument("--already-set", type=Path, help="FOLDER/<producer>/<form>-<layout>.pdf")
    parser.add_argument("--layouts", nargs="*", default=list("ACEG"))
    options = parser.parse_args(arguments)
    forms = transcripts(options.forms) if options.forms else own_forms()
    producers = [name for name in (*ALL, *SAVED_ANEW) if not missing(name)]
    with tempfile.TemporaryDirectory() as folder:
        if options.already_set:
            files = already_set(options.already_set, forms, producers, options.layouts)
        else:
            files = set_forms(forms, producers, options.layouts, Path(folder))
        is_over = False
        for is_print in (True, False):
            own = [
                path
                for (producer, _), some in files.items()
                if producer.startswith(PRINTED) is is_print
                for path in some.values()
            ]
            cells, kinds = doubted(own)
            odd = sum(count for kind, count in kinds.items() if kind in SEEN_OTHERWISE - RIGHT)
            is_over = is_over or odd * ALLOWED[is_print] >= max(cells, 1)
            what = "pages of PDF files" if is_print else "web pages, workbooks, Word files"
            told = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()) or "none"
            said = f"{odd} of {cells} cells may be seen otherwise ({told})"
            sys.stdout.write(f"{len(own)} {what}: {said}\n")
    return int(is_over)


if __name__ == "__main__":
    sys.exit(main())
