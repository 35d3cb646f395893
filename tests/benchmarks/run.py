"""Compare how fast a disclosure of a hundred pages with twenty forms is read.

    make bench

One document, one run, one machine: a bare pass of PDFium over the text is the floor; then
auditkit, camelot with its defaults and with its vector engine, and pdfplumber, each over all
pages. What they give differs: the other libraries give tables of every page, auditkit the forms.
Then one form as each kind of file, with the memory that reading it takes.
Then all rules are put to each sample form, and to one of 40 indicators: three milliseconds are
allowed for each.
"""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditkit.report import Report

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import producers  # noqa: E402
import samples  # noqa: E402
from typesetting import lay_out, layout_named  # noqa: E402

PAGES, FORMS = 100, 20
LONG = 40  # indicators of the longest form that is allowed no more than three milliseconds
PROSE = (
    "本部门按照年度工作安排组织预算执行,各科目支出按进度支付,年末结余按规定处理。"
    "与上年相比,收入和支出的变化主要来自项目安排的调整和上级补助的增减。"
)


def disclosure(path: Path) -> int:
    """Print the document and return how many forms are in it."""
    forms = [o.form for s in samples.load() if s.producer != "dump" for o in s.forms]
    names = ("national", "marked", "bound-columns")
    layouts = [layout_named(name) for name in names if name in _layouts()]
    body = []
    for number in range(PAGES - FORMS):
        if number % 4 == 0 and number // 4 < FORMS:
            at = number // 4
            sheet = lay_out(forms[at % len(forms)], layouts[at % len(layouts)])
            body.append(producers.section(sheet))
        text = "".join(f"<p>{number + 1}.{at + 1} {PROSE * 3}</p>" for at in range(9))
        rows = "".join(
            f"<tr><td>21301{at:02}</td><td>支出</td><td>{at * 97}.50</td></tr>" for at in range(12)
        )
        body.append(
            f"<section>{text}{'<table>' + rows + '</table>' if number % 2 else ''}</section>"
        )
    producers.print_page(producers.page("".join(body)), path)
    return FORMS


def _layouts() -> set[str]:
    from typesetting import LAYOUTS

    return {layout.name for layout in LAYOUTS}


def floor(path: Path) -> int:
    """Read the text of every page with PDFium and nothing else."""
    import pypdfium2

    pdf = pypdfium2.PdfDocument(path)
    length = 0
    for index in range(len(pdf)):
        page = pdf[index]
        text = page.get_textpage()
        length += len(text.get_text_range())
        text.close()
        page.close()
    pdf.close()
    return length


def ours(path: Path) -> int:
    """Read the forms."""
    import auditkit

    return len(auditkit.read(path))


def rules_a_form() -> Iterator[tuple[float, int, str]]:
    """Yield how many milliseconds all rules take, for how many indicators, of which form.

    The last form is none of the samples: the longest of them, its rows repeated until it has 40.
    Each run gets a copy of the form as if it were just read, so that nothing of it is known yet,
    and counts the time of this process only, the best of many.
    """
    from auditkit.reviewing import read

    forms = [report for sample in samples.load() for report in read(sample.path)]
    longest = max(forms, key=lambda form: len(form.indicators))
    rows = [
        replace(row, path=f"{row.path} {part}") for part in range(40) for row in longest.indicators
    ]
    document = replace(longest.document, name="40 rows made of it")
    for form in (*forms, replace(longest, document=document, indicators=tuple(rows[:LONG]))):
        yield _milliseconds(form, 40), len(form.indicators), form.document.name


def _milliseconds(form: Report, times: int) -> float:
    from auditkit import RULES, evaluate
    from auditkit.standards import guess_jurisdiction, load

    law, kept = load(), pickle.dumps(form)
    place, best = guess_jurisdiction(form, law), float("inf")
    for _ in range(times):
        fresh = pickle.loads(kept)
        gc.collect()
        start = time.process_time()
        evaluate(RULES, fresh, law, place)
        best = min(best, time.process_time() - start)
    return 1000 * best


def camelot_default(path: Path) -> int:
    """Read all tables with camelot as it comes."""
    import camelot

    return len(camelot.read_pdf(str(path), pages="all"))


def camelot_vector(path: Path) -> int:
    """Read all tables with camelot's vector engine, where this version has one."""
    import camelot

    return len(camelot.read_pdf(str(path), pages="all", flavor="lattice", engine="vector"))


def plumber(path: Path) -> int:
    """Read all tables with pdfplumber."""
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        return sum(len(page.extract_tables()) for page in pdf.pages)


def timed(work: Callable[[Path], int], path: Path, times: int) -> tuple[float, int]:
    """Return the best time of some runs and what the work gave."""
    best, found = float("inf"), 0
    for _ in range(times):
        start = time.perf_counter()
        found = work(path)
        best = min(best, time.perf_counter() - start)
    return best, found


def main() -> int:
    """Print the comparison; never fail on time."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "disclosure.pdf")
        forms = disclosure(path)
        import pypdfium2

        pages = len(pypdfium2.PdfDocument(path))
        print(f"{pages} pages, {forms} forms, {path.stat().st_size // 1024} KiB")
        works: tuple[tuple[str, Callable[[Path], int], int], ...] = (
            ("PDFium, text alone", floor, 3),
            (f"auditkit {version('auditkit')}", ours, 3),
            (f"camelot {version('camelot-py')}, defaults", camelot_default, 1),
            ("camelot, vector engine", camelot_vector, 1),
            (f"pdfplumber {version('pdfplumber')}", plumber, 1),
        )
        own = 0.0
        for name, work, times in works:
            try:
                seconds, found = timed(work, path, times)
            except (TypeError, ValueError, ImportError) as error:
                print(f"{name:32} cannot run: {error}")
                continue
            own = seconds if work is ours else own
            ratio = f"{seconds / own:7.1f} x auditkit" if own else ""
            each = f"{1000 * seconds / pages:8.1f} ms a page"
            print(f"{name:32}{seconds:8.2f} s {each}  {found:6} {ratio}")
        print("\nOne form of each kind, in a process of its own")
        for kind, path in of_each_kind(Path(folder)):
            print(f"{kind:32}{one_form(path)}")
    *forms, made = rules_a_form()
    mean, worst = sum(ms for ms, *_ in forms) / len(forms), max(forms)
    print(f"\nAll rules on one form, 3 ms allowed: {mean:.2f} ms on average")
    for title, (ms, count, name) in (("at most", worst), ("longest", made)):
        print(f"{title:32}{ms:8.2f} ms, {count} indicators ({name})")
    return 0


def of_each_kind(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield a form as each kind of file that can be made here."""
    sheet = lay_out(samples.load()[-1].forms[0].form, layout_named("national"))
    for kind in ("weasyprint", "xlsx", "xls", "ods", "csv", "docx", "html", "scan"):
        if reason := producers.missing(kind):
            print(f"{kind:32}not made: {reason}")
            continue
        producers.produce(kind, [(sheet, folder / kind)])
        yield kind, folder / kind


def one_form(path: Path) -> str:
    """Read a file some times in a process of its own; say the best time and the memory it took."""
    script = (
        "import sys, time, auditkit as ak\nbest = 9e9\n"
        "for _ in range(3):\n start = time.perf_counter()\n ak.read(sys.argv[1])\n"
        " best = min(best, time.perf_counter() - start)\n"
        "status = open('/proc/self/status').read() if sys.platform == 'linux' else 'VmHWM: 0'\n"
        "memory = int(status.partition('VmHWM:')[2].split()[0]) >> 10\n"
        "print(f'{1000 * best:8.1f} ms {memory:8} MiB')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False
    )
    return done.stdout.rstrip() or done.stderr.splitlines()[-1]


if __name__ == "__main__":
    sys.exit(main())
