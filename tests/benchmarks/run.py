"""Measure what auditkit takes, beside other libraries, in one run and one table.

    make bench

Reading: a disclosure of a hundred pages with twenty forms of every program that is installed here,
and such forms alone, each library over all pages of all of them; a bare pass of PDFium over the
text is the floor. A row is read exactly where the texts of its cells, white space removed, stand
side by side in a row that the library gives. Then the parts of auditkit's time, each kind of file,
all rules on each sample form, a cold start, a batch with one worker and with two, the memory of
its parent at 100 and at 5,000 reports, and the notebooks.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import logging
import os
import pickle
import pstats
import subprocess
import sys
import tempfile
import time
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditkit.report import Report

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "benchmarks")]

import batch  # noqa: E402
import many  # noqa: E402
import producers  # noqa: E402
import samples  # noqa: E402
from degrading import Printed, degraded  # noqa: E402
from typesetting import LAYOUTS, Form, Sheet, lay_out, layout_named  # noqa: E402

Rows = Iterable[Sequence[str | None]]
PAGES, FORMS = 100, 20
PROGRAMS = ("chromium", "calc", "writer", "reportlab")
LONG, ALLOWED = 40, 3  # indicators of the longest form; milliseconds for all rules on one form
PROSE = (
    "本部门按照年度工作安排组织预算执行,各科目支出按进度支付,年末结余按规定处理。"
    "与上年相比,收入和支出的变化主要来自项目安排的调整和上级补助的增减。"
)


def say(name: str, seconds: float, more: str = "") -> None:
    """Print a line of the table."""
    print(f"{name:40}{seconds:10.3f} s  {more}", flush=True)


def printed_forms() -> list[Form]:
    """Return the forms of the samples, but for the dump's, which is another one's."""
    return [o.form for s in samples.load() if s.producer != "dump" for o in s.forms]


def disclosure(path: Path, folder: Path) -> list[Sheet]:
    """Make one long document as departments do, and return the forms that are in it.

    Its own pages are printed by one program, and after every fourth comes the form of a unit below
    it, printed by whatever that unit uses.
    """
    import pypdfium2

    forms = printed_forms()
    names = {layout.name for layout in LAYOUTS} & {"national", "marked", "bound-columns"}
    layouts = [layout_named(name) for name in sorted(names)]
    sheets = [lay_out(forms[n % len(forms)], layouts[n % len(layouts)]) for n in range(FORMS)]
    programs = [name for name in ("weasyprint", *PROGRAMS) if not producers.missing(name)]
    made = [(sheet, folder / f"part-{n}.pdf") for n, sheet in enumerate(sheets)]
    for at, program in enumerate(programs):
        producers.produce(program, made[at :: len(programs)])
    producers.print_page(producers.page("".join(map(_prose, range(PAGES - FORMS)))), path)
    own, whole = pypdfium2.PdfDocument(path), pypdfium2.PdfDocument.new()
    step = len(own) // FORMS
    for n, (_, part) in enumerate(made):
        whole.import_pages(own, list(range(n * step, (n + 1) * step)))
        whole.import_pages(pypdfium2.PdfDocument(part))
    whole.save(path)
    print(f"{len(sheets)} forms by {', '.join(programs)} on {len(whole)} pages")
    return sheets


def _prose(number: int) -> str:
    text = "".join(f"<p>{number + 1}.{at + 1} {PROSE * 3}</p>" for at in range(9))
    rows = "".join(
        f"<tr><td>21301{at:02}</td><td>支出</td><td>{at * 97}.50</td></tr>" for at in range(12)
    )
    return f"<section>{text}{'<table>' + rows + '</table>' if number % 2 else ''}</section>"


def single_forms(folder: Path) -> Iterator[tuple[Path, list[Sheet]]]:
    """Print the samples' forms by each program that is here, and say which are not."""
    forms = printed_forms()
    for program in PROGRAMS:
        if reason := producers.missing(program):
            print(f"forms of {program} are left out: {reason}")
            continue
        sheets = [lay_out(form, layout_named("national")) for form in forms]
        made = [(sheet, folder / f"{program}-{n}.pdf") for n, sheet in enumerate(sheets)]
        producers.produce(program, made)
        yield from ((path, [sheet]) for sheet, path in made)


def squeezed(text: str | None) -> str:
    """Return a text as it is compared: in NFKC, without white space."""
    return "".join(unicodedata.normalize("NFKC", text or "").split())


def rows_of(sheet: Sheet) -> list[tuple[str, ...]]:
    """Return the rows of a form of which no cell goes on in the next, without empty cells."""
    rows = ([c for c in sheet.row(n) if c.rows == 1] for n in range(sheet.height))
    texts = (tuple(filter(None, (squeezed(c.text) for c in row))) for row in rows)
    return [row for row in texts if len(row) > 1]


def exact(sheets: Sequence[Sheet], found: Rows) -> tuple[int, int]:
    """Return how many rows of forms stand in what was found, and how many there are."""
    given = {"\x1f".join(filter(None, map(squeezed, row))).join("\x1f\x1f") for row in found}
    whole = "\n".join(given)
    rows = [row for sheet in sheets for row in rows_of(sheet)]
    return sum("\x1f".join(row).join("\x1f\x1f") in whole for row in rows), len(rows)


def floor(path: Path) -> Rows:
    """Read the text of every page with PDFium and nothing else."""
    import pypdfium2

    with pypdfium2.PdfDocument(path) as pdf:
        for page in pdf:
            text = page.get_textpage()
            yield [text.get_text_range()]


def ours(path: Path) -> Rows:
    """Read the forms, and give the rows of the grids that they were read from."""
    from auditkit import readers
    from auditkit.forms import recognise

    tables = readers.tables(path)
    recognise(tables)
    for grid in tables.grids:
        rows: dict[int, list[str]] = {}
        for cell in sorted(grid.cells, key=lambda cell: (cell.row, cell.column)):
            rows.setdefault(cell.row, []).append(cell.text)
        yield from rows.values()


def camelot_default(path: Path, **how: str) -> Rows:
    """Read all tables with camelot as it comes."""
    import camelot

    for table in camelot.read_pdf(str(path), pages="all", **how):
        yield from table.data


def camelot_vector(path: Path) -> Rows:
    """Read all tables with camelot's vector engine."""
    return camelot_default(path, flavor="lattice", engine="vector")


def plumber(path: Path) -> Rows:
    """Read all tables with pdfplumber."""
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        for page in pdf.pages:
            for table in page.extract_tables():
                yield from table


def mupdf(path: Path) -> Rows:
    """Read all tables with PyMuPDF."""
    import pymupdf

    with pymupdf.open(path) as pdf:
        for page in pdf:
            for table in page.find_tables():
                yield from table.extract()


READERS: tuple[tuple[str, str, Callable[[Path], Rows]], ...] = (
    ("pypdfium2", "PDFium {}, text alone", floor),
    ("auditkit", "auditkit {}", ours),
    ("camelot-py", "camelot {}, defaults", camelot_default),
    ("camelot-py", "camelot {}, vector engine", camelot_vector),
    ("pdfplumber", "pdfplumber {}", plumber),
    ("pymupdf", "PyMuPDF {}", mupdf),
)


def rows_exact(counts: Sequence[tuple[int, int]]) -> str:
    """Say how many rows of some files were read exactly, of how many."""
    right, of = sum(right for right, _ in counts), sum(of for _, of in counts)
    return f"{right} of {of} rows exact ({right / max(of, 1):.1%})"


def reading(files: Sequence[tuple[Path, list[Sheet]]]) -> None:
    """Read the same files with each library; the ratio is to auditkit on the disclosure."""
    own = 0.0
    for package, name, work in READERS:
        if not find_spec(package.removesuffix("-py")):
            print(f"{package} is not installed here, and left out")
            continue
        times, counts = list[float](), list[tuple[int, int]]()
        for path, sheets in files:
            start = time.perf_counter()
            found = list(work(path))
            times.append(time.perf_counter() - start)
            counts.append(exact(sheets, found))
        own = times[0] if work is ours else own
        ratio = f"{times[0] / own:6.1f} x auditkit" if own else " " * 17
        rows, singles = ("", "") if work is floor else map(rows_exact, (counts[:1], counts[1:]))
        say(name.format(version(package)), times[0], f"{ratio}  {rows}")
        say(f"  {len(files) - 1} single forms", sum(times[1:]), f"{'':17}  {singles}")


def parts(path: Path) -> None:
    """Say what parts the time of reading and checking the disclosure has, under a profiler."""
    from auditkit import review

    review(path)
    profile = cProfile.Profile()
    profile.runcall(review, path)
    known = pstats.Stats(profile).stats  # type: ignore[attr-defined]

    def spent(file: str, *names: str) -> float:
        return sum(
            row[3]
            for (path, _, name), row in known.items()
            if path.endswith(file) and name in names
        )

    whole = spent("reviewing.py", "review")
    lines, page = spent("readers/page.py", "drawn_lines"), spent("readers/page.py", "read_page")
    grid = lines + spent("readers/lattice.py", "find_lattices", "closed")
    text = page + spent("readers/filling.py", "fill")
    understood, checked = spent("forms/__init__.py", "recognise"), spent("findings.py", "put_rules")
    mended = spent("readers/strips.py", "without_strips") + spent(
        "readers/unruled.py", "with_rules"
    )
    seen = spent("readers/pdf.py", "_witnessed")
    located = spent("readers/pdf.py", "read") - grid - text - mended - seen
    shares = {
        "locate": located,
        "grid": grid,
        "mend": mended,
        "text": text,
        "witness": seen,
        "understand": understood,
    }
    for name, seconds in {**shares, "check": checked}.items():
        say(f"  {name}", seconds, f"{seconds / whole:.0%} of reading and checking, profiled")


def papers(folder: Path) -> None:
    """Say what the papers of some forms of one file take beside their reading and judging."""
    import pypdfium2

    from auditkit import Terms, review, write_workpapers

    terms, forms = Terms(log=Terms.NO_LOG, lang="zh"), printed_forms()
    for number in (1, 10, 20):
        sheets = [lay_out(forms[n % len(forms)], layout_named("national")) for n in range(number)]
        made = [(sheet, folder / f"papers-{n}.pdf") for n, sheet in enumerate(sheets)]
        producers.produce("weasyprint", made)
        whole, path = pypdfium2.PdfDocument.new(), folder / f"papers-of-{number}.pdf"
        for _, part in made:
            whole.import_pages(pypdfium2.PdfDocument(part))
        whole.save(path)
        read = paper = float("inf")
        for at in range(3):
            began = time.process_time()
            reviews = review(path, terms)
            judged = time.process_time()
            write_workpapers(reviews, folder / f"papers-{number}-{at}", source=path.read_bytes())
            read = min(read, judged - began)
            paper = min(paper, time.process_time() - judged)
        say(f"read and judge {number} forms of a file", read)
        say("  their papers", paper, f"{paper / read:.2f} x, {1000 * paper / number:.0f} ms a form")


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
    from auditkit import RULES, recompute
    from auditkit.findings import put_rules
    from auditkit.standards import guess_jurisdiction, load

    law, kept = load(), pickle.dumps(form)
    place, best = guess_jurisdiction(form, law), float("inf")
    for _ in range(times):
        fresh = pickle.loads(kept)
        gc.collect()
        start = time.process_time()
        put_rules(RULES, recompute(fresh), law, place)
        best = min(best, time.process_time() - start)
    return 1000 * best


def cold() -> None:
    """Compare a review of one file in a new process with the import of camelot alone."""
    path, best = str(samples.load()[-1].path), list[float]()
    with tempfile.TemporaryDirectory() as out:
        commands = (["-c", "import camelot"], ["-m", "auditkit", "review", path, "--out", out])
        for arguments in commands:
            times = []
            for _ in range(5):
                start = time.perf_counter()
                environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path))}
                command = [sys.executable, *arguments]
                subprocess.run(command, env=environment, check=True, capture_output=True)
                times.append(time.perf_counter() - start)
            best.append(min(times))
    say("import camelot, a new process", best[0])
    say("auditkit review one.pdf, a new process", best[1], f"{best[1] / best[0]:.2f} x")


def batches(folder: Path, few: int, most: int) -> None:
    """Review forms with one worker and with two under the same parent, then few and many."""
    clean = folder / "clean"
    many.written(clean, most // 4, bad=False)
    rates = []
    for workers in (1, 2):
        seconds, *_ = batch.measured(clean, folder / f"out-{workers}", workers)
        rates.append(most // 4 / seconds)
        say(f"batch of {most // 4}, workers: {workers}", seconds, f"{rates[-1]:.1f} forms a second")
    print(f"{'two workers against one':40}{rates[1] / rates[0]:10.2f} x")
    sizes = []
    for count in (few, most):
        many.written(folder / str(count), count, max(1, count // 5), bad=False)
        out = folder / f"out-{count}"
        seconds, kibibytes, _ = batch.measured(folder / str(count), out, 2)
        sizes.append(kibibytes / 1024)
        say(f"batch of {count}, parent's memory", seconds, f"{sizes[-1]:.1f} MiB")
    print(f"{'memory at the most against the fewest':40}{sizes[1] / sizes[0]:10.2f} x")


def notebooks() -> None:
    """Run the notebooks of each language as they stand, and keep nothing of it."""
    script = (
        "import sys, nbformat; from nbclient import NotebookClient\n"
        "for path in sys.argv[1:]:\n"
        " at = {'metadata': {'path': 'notebooks'}}\n"
        " NotebookClient(nbformat.read(path, 4), resources=at).execute()"
    )
    for lang in ("English", "Chinese"):
        found = sorted((ROOT / "notebooks").glob("*.ipynb"))
        paths = [str(path) for path in found if (".zh" in path.name) is (lang == "Chinese")]
        start = time.perf_counter()
        command = [sys.executable, "-W", "ignore", "-c", script, *paths]
        with tempfile.TemporaryDirectory() as folder:
            settings = {**os.environ, "AUDITKIT_LOG": f"{folder}/annotations.sqlite"}
            subprocess.run(command, cwd=ROOT, env=settings, check=True, capture_output=True)
        say(f"{len(paths)} notebooks, {lang}", time.perf_counter() - start)


def main() -> int:
    """Print the table; never fail on time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=5000, help="reports of the largest batch")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)  # one library warns of a font at each page
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "disclosure.pdf")
        files = [(path, disclosure(path, Path(folder))), *single_forms(Path(folder))]
        reading(files)
        parts(path)
        papers(Path(folder))
        for kind, one in of_each_kind(Path(folder)):
            print(f"one form as {kind:28}{one_form(one)}")
        *forms, made = rules_a_form()
        mean, worst = sum(ms for ms, *_ in forms) / len(forms), max(forms)
        within = sum(ms < ALLOWED for ms, *_ in forms)
        told = f"{ALLOWED} ms allowed; {within} of {len(forms)} forms are within"
        print(f"{'all rules on one form, on average':40}{mean:10.2f} ms {told}")
        for title, (ms, count, name) in (("at most", worst), ("longest", made)):
            print(f"{'  ' + title:40}{ms:10.2f} ms {count} indicators ({name})")
        cold()
        batches(Path(folder), min(100, options.most), options.most)
    notebooks()
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
    if not producers.missing("scan"):
        paper = degraded("all together", Printed((folder / "weasyprint").read_bytes()), 1)
        picture = folder / f"picture.{paper.suffix}"
        picture.write_bytes(paper.data)
        yield "picture of bent paper", picture


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
