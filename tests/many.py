"""Many forms at little cost: the samples' forms with other names and figures, and bad files."""

from __future__ import annotations

import hashlib
import html
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import producers
import samples
from typesetting import Form, lay_out, layout_named

DEPARTMENTS = ("民政局", "教育局", "水利局", "林业局", "卫生健康局", "农业农村局", "文化和旅游局")
LAYOUTS = ("national", "marked")
_PLACES = ("东", "西", "南", "北", "上", "下", "前", "后", "新", "老")
_VILLAGE = re.compile("(?:{}){{4}}村".format("|".join(_PLACES)))
_LEVELS = 9  # of drawings that draw ten others each
_BIG = 7 << 20


def forms(count: int) -> Iterator[Form]:
    """Yield forms, each of a project of its own, with figures that follow from its number."""
    known = [one.form for sample in samples.load() if sample.seed == 0 for one in sample.forms]
    for number in range(count):
        form = known[number % len(known)]
        random = int.from_bytes(hashlib.sha256(str(number).encode()).digest()[:8])
        budget = 1000 + random % 900_000
        spent = budget - random % 7 * budget // 100
        rate = f"{100 * spent / budget:.2f}%"
        money = (f"{budget / 100:.2f}", f"{budget / 100:.2f}", f"{spent / 100:.2f}", "10", rate)
        first = replace(
            form.funding[0],
            **dict(
                zip(
                    ("initial_budget", "adjusted_budget", "outturn", "points", "execution_rate"),
                    money,
                    strict=True,
                )
            ),
            score=f"{10 * spent / budget:.2f}",
        )
        yield replace(
            form,
            project=f"{_village(number)}{form.project}",
            department=DEPARTMENTS[random % len(DEPARTMENTS)],
            funding=(first, *form.funding[1:]),
        )


def _village(number: int) -> str:
    return "".join(_PLACES[int(digit)] for digit in f"{number:04}") + "村"


def written(folder: Path, count: int, distinct: int = 0, bad: bool = True) -> dict[str, set[str]]:
    """Write files into a folder and return the names of those of each kind.

    Of ``count`` files, one in twenty is broken, one in a hundred takes for ever to read and one
    in a hundred all memory; the others are forms, each of a project of its own, with the figures
    of ``distinct`` ones.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names: dict[str, set[str]] = {"good": set(), "broken": set(), "slow": set(), "large": set()}
    good = iter(forms(distinct or count))
    made: list[tuple[str, bytes]] = []
    for number in range(count):
        kind = KINDS.get(number % 100, "good") if bad else "good"
        if kind == "good":
            form = next(good, None)
            if form is not None:
                suffix = ("html", "xlsx")[number % 2]
                made.append((suffix, _bytes(form, suffix, number, folder)))
            suffix, data = made[-1] if form else _elsewhere(*made[number % len(made)], number)
        else:
            suffix, data = BAD[kind](number)
        name = f"{number:05}.{suffix}"
        (folder / name).write_bytes(data)
        names[kind].add(name)
    return names


def _elsewhere(suffix: str, data: bytes, number: int) -> tuple[str, bytes]:
    """Return a form as that of a project in another village, so that it is another document."""

    def renamed(text: bytes) -> bytes:  # which in workbooks is ASCII, with references
        whole = _VILLAGE.sub(_village(number), html.unescape(text.decode()))
        return whole.encode("ascii", "xmlcharrefreplace") if text.isascii() else whole.encode()

    if suffix == "html":
        return suffix, renamed(data)
    with zipfile.ZipFile(BytesIO(data)) as archive, zipfile.ZipFile(out := BytesIO(), "w", 8) as to:
        for name in archive.namelist():
            part = archive.read(name)
            to.writestr(name, renamed(part) if name.endswith("sheet1.xml") else part)
    return suffix, out.getvalue()


def _bytes(form: Form, kind: str, number: int, folder: Path) -> bytes:
    sheet = lay_out(form, layout_named(LAYOUTS[number // 2 % len(LAYOUTS)]))
    if kind == "html":
        return producers.page(producers.section(sheet)).encode()
    path = folder / "made.xlsx"
    producers.produce("xlsx", [(sheet, path)])
    data = path.read_bytes()
    path.unlink()
    return data


def broken(number: int) -> tuple[str, bytes]:
    """A workbook that is cut off."""
    return "xlsx", b"PK\x03\x04 a workbook, say" + str(number).encode()


def slow(number: int) -> tuple[str, bytes]:
    """A page whose drawing draws another one ten times, and that one again, and so on.

    It is packed by runs, which nothing looks into before the page is drawn.
    """
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</XObject<</X 5 0 R>>>>>>",
        _stream(b"", b"/X Do\n" * 10 + b"%%%d" % number),
    ]
    for level in range(_LEVELS):
        is_last = level == _LEVELS - 1
        inside = b"q Q\n" * 9_000 if is_last else b"/X Do\n" * 10
        used = b"" if is_last else b"/Resources<</XObject<</X %d 0 R>>>>" % (6 + level)
        head = b"/Type/XObject/Subtype/Form/BBox[0 0 99 99]/Filter/RunLengthDecode"
        objects.append(_stream(head + used, _in_runs(inside)))
    data, places = b"%PDF-1.7\n", []
    for place, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (place, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    data += b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
    start = data.index(b"xref\n0")
    return "pdf", data + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (count, start)


def _in_runs(data: bytes) -> bytes:
    return b"".join(bytes([0, char]) for char in data) + b"\x80"


def _stream(head: bytes, content: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (head, len(content), content)


def large(number: int) -> tuple[str, bytes]:
    """A workbook of some kilobytes that unpacks to millions of styles."""
    return "xlsx", _template().replace(b"00000000.txt", b"%08d.txt" % number)


def _template(made: list[bytes] = []) -> bytes:  # noqa: B006 - made once
    if not made:
        from openpyxl import Workbook

        buffer, book = BytesIO(), Workbook()
        book.active["A1"] = "自评表"
        book.save(buffer)
        with zipfile.ZipFile(buffer) as archive, zipfile.ZipFile(out := BytesIO(), "w", 8) as other:
            for name in archive.namelist():
                data = archive.read(name)
                if name.endswith("styles.xml"):
                    data = data.replace(b"</styleSheet>", b"<x/>" * _BIG + b"</styleSheet>")
                other.writestr(name, data)
            other.writestr("00000000.txt", b"")
        made.append(out.getvalue())
    return made[0]


KINDS = {**dict.fromkeys((2, 27, 51, 52, 77), "broken"), 6: "slow", 11: "large"}
BAD = {"broken": broken, "slow": slow, "large": large}
