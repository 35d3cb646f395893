"""Damaged files put to every reader, and odd texts to every parser of values, by the thousand.

Each input is made of a seed and a number, so that what one of them does can be done again:
``python tests/fuzzing.py --reader pdf --only 17``. Inputs are damaged as their kind is built: tags
of XML and HTML, parts of archives, objects and numbers of PDF, records of old workbooks, cells of
texts; and as bytes. They are read in processes under limits of time and memory. Only errors of
auditkit may leave a reader; whatever else comes out is printed with its number.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import signal
import struct
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [path for path in (str(ROOT), str(ROOT.parent / "data")) if path not in sys.path]

import fuzz_seeds  # noqa: E402
from dumping import mutated  # noqa: E402

SECONDS, MEBIBYTES, AT_ONCE = 20, 1024, 250  # of the processor; by the clock six times as many
REVIEWED = 10  # every tenth form that is still read is held against the rules too
NUMBERS = (
    "0", "-1", "1", "255", "256", "65535", "65536", "16384", "16385", "1048576", "1048577",
    "2147483647", "2147483648", "-2147483648", "4294967295", "99999999999999999999", "1e308",
    "-1e308", "NaN", "inf", "0.0000000001", "1.5", "", "x", "０", "٣", "²",
)  # fmt: skip
TEXTS = (
    "=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "<script>alert(1)</script>", "\u202e", "\u200b",
    "\x1b[31m", "\x07", "\0", "１２", "О", "1О0", "①", "¼", "一百", "%", "1,23", "A" * 5000,
    "&lt;", "]]>", "--", "\ud83d\ude00", "\u0301" * 40, "9" * 400, "1e999999", "Infinity", "sNaN",
    "指标", "一级指标", "分值", "得分", "合计", "2024年2月30日", "0000-00-00", "-", "—", "\u2028",
)  # fmt: skip


def _text(noise: Random) -> str:
    return noise.choice(TEXTS).encode("utf-8", "replace").decode()


def damaged_bytes(data: bytes, noise: Random) -> bytes:
    """Change, insert, double, leave out or cut off some bytes."""
    made = bytearray(data)
    for _ in range(noise.choice((1, 1, 2, 4, 16))):
        at = noise.randrange(len(made) + 1)
        size = noise.choice((1, 1, 2, 4, 8, 64, 512))
        match noise.randrange(7):
            case 0 if made:
                made[min(at, len(made) - 1)] = noise.randrange(256)
            case 1:
                made[at : at + size] = noise.randbytes(size)
            case 2:
                made[at:at] = made[at : at + size]
            case 3:
                del made[at : at + size]
            case 4:
                packed = struct.pack("<q", noise.choice((-1, 0, 1, 2**31, 2**32 - 1, 65535, 2**62)))
                made[at : at + size] = packed[:size]
            case 5:
                other = noise.randrange(len(made) + 1)
                made[at : at + size] = made[other : other + size]
            case _ if noise.random() < 0.2:
                del made[at:]
    return bytes(made)


_TAG = re.compile(r"<[^<>]*>")
_VALUE = re.compile(r'"([^"]*)"')


def damaged_markup(text: str, noise: Random) -> str:
    """Change tags, attributes and texts of XML or HTML, its form kept as a rule."""
    for _ in range(noise.choice((1, 1, 2, 3, 8))):
        tags = list(_TAG.finditer(text))
        if not tags:
            return text
        one, two = sorted((noise.choice(tags), noise.choice(tags)), key=lambda m: m.start())
        match noise.randrange(9):
            case 0:
                text = text[: one.start()] + text[one.end() :]
            case 1:
                text = text[: one.start()] + text[two.end() :]
            case 2:
                part = text[one.start() : two.end()][:20000]
                text = text[: two.end()] + part + text[two.end() :]
            case 3 | 4 if values := list(_VALUE.finditer(one[0])):
                own = noise.choice(values)
                new = noise.choice((noise.choice(NUMBERS), _text(noise).replace('"', "")))
                tag = one[0][: own.start(1)] + new + one[0][own.end(1) :]
                text = text[: one.start()] + tag + text[one.end() :]
            case 5:
                text = text[: one.end()] + _text(noise) + text[one.end() :]
            case 6:
                text = text[: one.start()] + two[0] + text[one.end() :]
            case 7:
                names = "rowspan colspan r ref s t w:val style table:number-rows-repeated hidden"
                more = f' {noise.choice(names.split())}="{noise.choice(NUMBERS)}"'
                text = text[: one.end() - 1] + more + text[one.end() - 1 :]
            case _:
                depth = noise.choice((3, 30, 300))
                text = text[: one.end()] + one[0] * depth + text[one.end() :]
    return text


def damaged_tree(data: bytes, noise: Random) -> bytes:
    """Change elements of XML and leave it well formed."""
    from lxml import etree

    root = etree.fromstring(data)
    for _ in range(noise.choice((1, 1, 2, 4, 12))):
        parts = list(root.iter(etree.Element))
        one, two = noise.choice(parts), noise.choice(parts)
        match noise.randrange(8):
            case 0 if one is not root:
                one.getparent().remove(one)
            case 1 if len(list(two.iter())) < 400:
                two.addnext(deepcopy(two)) if two is not root else None
            case 2 if one not in two.iterancestors() and one is not two and one is not root:
                two.append(one)
            case 3:
                for _ in range(noise.choice((3, 30))):
                    inner = etree.SubElement(two, one.tag, dict(one.attrib))
                    two = inner
            case 4 if one.text:
                one.text = _plain(_text(noise) + noise.choice(("", one.text)))
            case 5 if one is not root:
                one.tag = two.tag
            case _ if one.attrib:
                name = noise.choice(list(one.attrib))
                one.set(name, noise.choice((noise.choice(NUMBERS), _plain(_text(noise)))))
            case _:
                two.attrib.update(one.attrib)
    made: bytes = etree.tostring(root)
    return made


def _plain(text: str) -> str:
    return "".join(char for char in text if char.isprintable() or char in "\u200b\u202e\u2028")


def damaged_archive(data: bytes, noise: Random) -> bytes:
    """Change a part of an archive as what it holds, or the archive itself."""
    from lxml import etree

    if noise.random() < 0.15:
        return damaged_bytes(data, noise)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = [name for name in parts if name != "mimetype"]
    telling = [n for n in names if re.search("sheet1|document.xml|content.xml|shared|styles", n)]
    for _ in range(noise.choice((1, 1, 2))):
        name = noise.choice(telling if noise.random() < 0.8 else names)
        match noise.randrange(12):
            case 0:
                parts[name] = damaged_bytes(parts[name], noise)
            case 1 if noise.random() < 0.3:
                parts[name] = b""
            case 2 if noise.random() < 0.3:
                parts[name] = parts[noise.choice(names)]
            case kind if kind < 10:
                with suppress(etree.XMLSyntaxError):
                    parts[name] = damaged_tree(parts[name], noise)
            case _:
                text = parts[name].decode("utf-8", "replace")
                parts[name] = damaged_markup(text, noise).encode("utf-8", "replace")
    if noise.random() < 0.05:
        parts.pop(noise.choice(names), None)
    return fuzz_seeds.zipped(parts)


_NUMBER = re.compile(rb"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
_NAME = re.compile(rb"/[A-Za-z]\w*")


def damaged_pdf(data: bytes, noise: Random) -> bytes:
    """Change numbers, names, references and operators of a PDF, or its bytes."""
    if noise.random() < 0.2:
        return damaged_bytes(data, noise)
    for _ in range(noise.choice((1, 1, 2, 4, 12))):
        pattern = noise.choice((_NUMBER, _NUMBER, _NAME))
        start = noise.randrange(len(data))
        found = pattern.search(data, start) or pattern.search(data)
        if not found:
            continue
        match noise.randrange(7):
            case 0 | 1 | 2:
                new = noise.choice(NUMBERS).encode()
                if pattern is _NAME:
                    new = noise.choice(_NAME.findall(data))
                data = data[: found.start()] + new + data[found.end() :]
            case 3:
                new = b"%d 0 R" % noise.randrange(14)
                data = data[: found.start()] + new + data[found.end() :]
            case 4:
                end = data.find(b"\n", found.end()) + 1
                line = data[found.start() : end]
                data = data[:end] + line * noise.choice((1, 3, 200)) + data[end:]
            case 5:
                end = data.find(b"\n", found.end()) + 1
                data = data[: found.start()] + data[max(end, found.end()) :]
            case _:
                new = noise.choice(_OPERATORS)
                data = data[: found.start()] + new + data[found.start() :]
    return data


_OPERATORS = (
    b" q ", b" Q ", b" BT ", b" ET ", b" 1e9 0 0 1e9 0 0 cm ", b" 0 0 0 0 0 0 cm ", b" /X Do ",
    b" W n ", b" S ", b" f* ", b" 0 0 m 1e38 1e38 l S ", b" <</A ", b" >> ", b" [ ", b" ( ",
    b" 0 Tf ", b" 3 Tr ",
    b" -1 w ", b" 99999 w ", b" BI /W 9 /H 9 ID 1 EI ", b" /Rotate 90 ", b" /Rotate 17 ",
)  # fmt: skip


def damaged_records(data: bytes, noise: Random) -> bytes:
    """Change the records of a workbook of Excel 97, or the compound file around them."""
    if noise.random() < 0.25:
        return damaged_bytes(data, noise)
    made = list(fuzz_seeds.records())
    for _ in range(noise.choice((1, 1, 2, 5))):
        at = noise.randrange(len(made))
        kind, own = made[at]
        match noise.randrange(6):
            case 0:
                made.pop(at)
            case 1:
                made.insert(noise.randrange(len(made)), made[at])
            case 2:
                made[at] = (noise.choice(made)[0], own)
            case 3:
                kinds = (0x06, 0x0C, 0x1D, 0x200, 0x204, 0x205, 0x207, 0x208, 0x27E, 0xBD, 0xBE)
                made.insert(at, (noise.choice(kinds), noise.randbytes(noise.randrange(24))))
            case _:
                made[at] = (kind, damaged_bytes(own, noise)[:8200])
        made = made or [(0x0A, b"")]
    return fuzz_seeds.xls(made)


def damaged_text(data: bytes, noise: Random) -> bytes:
    """Change the cells of a text."""
    if noise.random() < 0.2:
        return damaged_bytes(data, noise)
    text = data.decode("utf-8", "replace")
    for _ in range(noise.choice((1, 2, 4))):
        at = noise.randrange(len(text) + 1)
        if noise.random() < 0.5:
            text = text[:at] + _text(noise) + text[at:]
        else:
            text = mutated(text, noise)
    return text.encode("utf-8", "replace")


def damaged_page(data: bytes, noise: Random) -> bytes:
    """Change a web page."""
    if noise.random() < 0.2:
        return damaged_bytes(data, noise)
    return damaged_markup(data.decode("utf-8", "replace"), noise).encode("utf-8", "replace")


def damaged_picture(data: bytes, noise: Random) -> bytes:
    """Change a picture; the sums of a PNG are put right again half of the time."""
    made = damaged_bytes(data, noise)
    if not made.startswith(b"\x89PNG") or noise.random() < 0.5:
        return made
    at, whole = 8, bytearray(made[:8])
    while at + 12 <= len(made):
        (size,) = struct.unpack(">I", made[at : at + 4])
        chunk = made[at + 4 : at + 8 + min(size, len(made))]
        whole += made[at : at + 4] + chunk + struct.pack(">I", zlib.crc32(chunk))
        at += 12 + size
    return bytes(whole)


DAMAGE: dict[str, Callable[[bytes, Random], bytes]] = {
    "pdf": damaged_pdf,
    "xlsx": damaged_archive,
    "xls": damaged_records,
    "ods": damaged_archive,
    "csv": damaged_text,
    "docx": damaged_archive,
    "html": damaged_page,
    "dump": damaged_text,
    "picture": damaged_picture,
    "doc": damaged_bytes,
}
# How the hundred thousand of ``--count 100000`` are shared out: slow readers get less.
SHARES = {
    "pdf": 14, "xlsx": 13, "xls": 12, "ods": 11, "csv": 13, "docx": 12, "html": 12, "dump": 10,
    "picture": 2, "doc": 1,
}  # fmt: skip


def made(reader: str, number: int) -> bytes:
    """Return an input by its number."""
    noise = Random(f"{reader}/{number}")
    return DAMAGE[reader](noise.choice(fuzz_seeds.seeds()[reader]), noise)


def read(data: bytes, name: str, number: int) -> str:
    """Read an input through to its forms, and say what came of it; raises what must not be."""
    from accounts import broken

    from auditkit.errors import AuditkitError
    from auditkit.forms import recognise
    from auditkit.readers import tables_of
    from auditkit.reviewing import Terms
    from reports import judged

    try:
        tables = tables_of(data, name)
        reports = recognise(tables)
        if wrong := list(broken(tables)):
            raise ValueError(f"cells that are not accounted for: {wrong[:3]}")
        if number % REVIEWED == 0:
            for report in reports:
                for finding in judged(report, Terms(lang="en")).findings:
                    finding.message()
    except AuditkitError as error:
        if not (error.message and str(error)):
            raise ValueError("an error without words") from error
        return type(error).__name__
    return "form"


def prepared(*readers: str) -> None:
    """Load what is needed once, before processes part."""
    from auditkit.readers import scan

    assert scan
    for reader, whole in fuzz_seeds.seeds().items():
        for data in whole[:1] if reader in (readers or DAMAGE) else ():
            if reader not in ("picture", "doc"):
                read(data, reader, 0)


def _without_programs(*, has_office: bool = False) -> None:
    """Leave out what takes seconds a file: read pictures up to the recogniser, .doc to LibreOffice.

    It changes this process for good.
    """
    from auditkit.readers import office, scan

    def recognise_nothing() -> Any:
        return _Nothing()

    scan.engine = recognise_nothing  # type: ignore[assignment]
    if not has_office:
        office.PROGRAMS = ()  # type: ignore[assignment]


class _Nothing:
    def recognize_txt(self, _cuts: Sequence[Any]) -> Any:
        from auditkit.readers.scan import IllegibleError

        raise IllegibleError("a recogniser that recognises nothing")


@dataclass(slots=True)
class Came:
    """What came of the inputs of one reader."""

    reader: str
    outcomes: Counter[str] = field(default_factory=Counter)
    bad: list[tuple[int, str]] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, -1)
    mebibytes: int = 0

    @property
    def line(self) -> str:
        """The numbers of a reader in one line."""
        kinds = ", ".join(f"{n} {kind}" for kind, n in self.outcomes.most_common())
        return (
            f"{self.reader:8} {sum(self.outcomes.values()):7} inputs, {len(self.bad)} bad, slowest "
            f"{self.slowest[0]:.1f} s (#{self.slowest[1]}), grew by at most {self.mebibytes} MiB: "
            f"{kinds}"
        )


def fuzz(reader: str, numbers: range, *, has_office: bool = False) -> Came:
    """Read inputs in processes that may be lost; the one that ends a process is bad, and passed."""
    came, waiting = Came(reader), list(numbers)
    while waiting:
        with tempfile.TemporaryFile() as notes:
            child = os.fork()
            if child == 0:
                _serve(notes, reader, waiting[:AT_ONCE], has_office)
            _, status = os.waitpid(child, 0)
            notes.seek(0)
            done = [json.loads(line) for line in notes.read().splitlines()]
        begun = [row[0] for row in done if len(row) == 1]
        for number, outcome, took, peak in (row for row in done if len(row) == 4):
            came.outcomes[outcome.splitlines()[-1][:60] if "\n" in outcome else outcome] += 1
            came.slowest = max(came.slowest, (took, number))
            came.mebibytes = max(came.mebibytes, peak)
            if "\n" in outcome:
                came.bad.append((number, outcome))
        if os.waitstatus_to_exitcode(status) != 0:
            said = f"the process ended with {os.waitstatus_to_exitcode(status)}"
            came.bad.append((begun[-1] if begun else waiting[0], said))
            came.outcomes[said] += 1
        waiting = waiting[max(1, len(begun)) :]
    return came


def _serve(notes: Any, reader: str, numbers: list[int], has_office: bool) -> None:
    """Read some inputs and note each before and after; never returns."""
    code = 1
    try:
        _without_programs(has_office=has_office)
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + (MEBIBYTES << 20)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        warnings.simplefilter("ignore")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for number in numbers:
            _note(notes, [number])
            data, began = made(reader, number), time.monotonic()
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            signal.alarm(6 * SECONDS)  # other work on the machine is not the input's fault
            try:
                outcome = read(data, f"{number}", number)
            except Exception:
                outcome = traceback.format_exc()
            signal.alarm(0)
            signal.setitimer(signal.ITIMER_PROF, 0)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            took = round(time.monotonic() - began, 2)
            _note(notes, [number, outcome, took, peak >> 10])
        code = 0
    finally:
        os._exit(code)


def _note(notes: Any, row: list[Any]) -> None:
    notes.write(json.dumps(row).encode() + b"\n")
    notes.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz readers, print numbers by reader, and return 1 if anything bad came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=100_000, help="inputs over all readers")
    parser.add_argument("--reader", choices=DAMAGE, action="append")
    parser.add_argument("--start", type=int, default=0, help="number of the first input")
    parser.add_argument("--only", type=int, help="number of the one input to read, here")
    parser.add_argument("--office", action="store_true", help="convert .doc by LibreOffice too")
    options = parser.parse_args(arguments)
    readers = options.reader or list(DAMAGE)
    prepared(*readers)
    if options.only is not None:
        _without_programs(has_office=options.office)
        data = made(readers[0], options.only)
        sys.stdout.write(f"{len(data)} bytes: {read(data, str(options.only), 0)}\n")
        return 0
    shares = sum(SHARES[reader] for reader in readers)
    results = []
    for reader in readers:
        count = options.count * SHARES[reader] // shares
        results.append(
            fuzz(reader, range(options.start, options.start + count), has_office=options.office)
        )
        sys.stdout.write(results[-1].line + "\n")
        for numbers, why in _kinds_of_bad(results[-1]):
            sys.stdout.write(f"  #{', #'.join(map(str, numbers))}: {why}\n")
        sys.stdout.flush()
    total = sum(sum(came.outcomes.values()) for came in results)
    bad = sum(len(came.bad) for came in results)
    sys.stdout.write(f"{total} inputs, {bad} bad\n")
    return int(bad > 0)


def _kinds_of_bad(came: Came) -> Iterator[tuple[list[int], str]]:
    """Yield what went wrong, each kind once, with the numbers of all its inputs."""
    kinds: dict[tuple[str, ...], tuple[list[int], str]] = {}
    for number, why in came.bad:
        lines = [line.strip() for line in why.strip().splitlines()]
        kind = tuple(line for line in lines if line.startswith('File "'))[-1:] or tuple(lines)
        kinds.setdefault(kind, ([], "\n    ".join(lines[-7:])))[0].append(number)
    yield from kinds.values()


if __name__ == "__main__":
    sys.exit(main())
