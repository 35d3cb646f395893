"""The pictures of both READMEs: ``python tests/pictures.py``.

What the command line prints of a sample is drawn as SVG, its texts as texts, and is the same bytes
on any machine; ``tests/test_readme.py`` draws it again. The desk is photographed by ``newcomer.py
--picture`` beside this, and its picture bears the digest of what it is made of.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from hashlib import sha256
from html import escape
from io import StringIO
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from PIL.PngImagePlugin import PngInfo

import auditkit
from auditkit.cli import main

ROOT = Path(__file__).parent.parent
FOLDER, DESK = ROOT / "data" / "pictures", "desk.png"
SAMPLE = "boiler-2019"
TERMINALS = {"en": "review.svg", "zh": "review.zh.svg"}
COLUMNS, WIDE, HIGH, AROUND = 104, 7.8, 18, 16
COLOURS = {"E": "#ff8e87", "W": "#e3b341", "R": "#c4a7f5", "N": "#79b8ff"}
_MARK = re.compile(r"[EWNR]\d+\b")
_FONTS = "ui-monospace, Menlo, Consolas, 'Noto Sans Mono CJK SC', monospace"
_FRAME = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{width:g}} {{height:g}}">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="{_FONTS}" font-size="13" fill="#e6edf3" style="white-space: pre">
{{texts}}
</g></svg>
"""
_OF_THE_DESK = ("desk.js", "desk.css", "desk.toml", "signature.js", "sheets.js", "chooser.js")


def terminal(lang: str) -> str:
    """Return what ``auditkit review`` prints of a sample, drawn as a terminal shows it."""
    lines = [f"$ auditkit review {SAMPLE}.pdf --out workpapers", *_printed(lang).splitlines()]
    rows = [row for line in lines for row in _folded(line)]
    width, height = COLUMNS * WIDE + 2 * AROUND, len(rows) * HIGH + 2 * AROUND
    texts = "\n".join(
        text for number, row in enumerate(rows) for text in _drawn(row, AROUND + HIGH * number + 13)
    )
    return _FRAME.format(width=width, height=height, texts=texts)


def _printed(lang: str) -> str:
    """Return what is printed on standard output, in a folder where nothing else is."""
    here, told = Path.cwd(), StringIO()
    with TemporaryDirectory() as folder, redirect_stdout(told), redirect_stderr(StringIO()):
        source = ROOT / "data" / "samples" / SAMPLE / f"{SAMPLE}.pdf"
        shutil.copyfile(source, Path(folder, source.name))
        os.chdir(folder)
        try:
            main(["review", source.name, "--out", "workpapers", "--lang", lang, "--log", "none://"])
        finally:
            os.chdir(here)
    return told.getvalue()


def _wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _folded(line: str) -> Iterator[str]:
    """Yield a line in rows of a terminal, words kept whole, what goes on set in a little."""
    row = ""
    for part in re.findall(r"[ -~]+? |[ -~]+|[^ -~]", f"{line} "):
        if _wide((row + part).rstrip()) > COLUMNS:
            yield row.rstrip()
            row = "   "
        row += part
    yield row.rstrip()


def _drawn(row: str, y: float) -> Iterator[str]:
    """Yield the texts of a row, each where its column is: ideographs take two."""
    at, mark = 0, _MARK.match(row)
    colours = [COLOURS[mark[0][0]] if mark and n < mark.end() else "" for n in range(len(row))]
    for (colour, is_wide), chars in groupby(
        zip(row, colours, strict=True), key=lambda each: (each[1], _wide(each[0]) == 2)
    ):
        whole = "".join(char for char, _ in chars)
        if text := whole.strip():
            at_text = at + len(whole) - len(whole.lstrip())
            fill = f' fill="{colour}" font-weight="600"' if colour else ""
            size = f'textLength="{_wide(text) * WIDE:g}" lengthAdjust="spacingAndGlyphs"'
            place = f'x="{AROUND + at_text * WIDE:g}" y="{y:g}"'
            yield f"<text {place} {size}{fill}>{escape(text)}</text>"
        at += 2 * len(whole) if is_wide else len(whole)


def of_the_desk() -> str:
    """Return the digest of what the picture of the desk is made of."""
    room = Path(str(auditkit.__file__)).parent / "notebook"
    return sha256(b"\0".join((room / name).read_bytes() for name in _OF_THE_DESK)).hexdigest()


def kept(picture: Path) -> None:
    """Write the digest into a picture of the desk, in fewer colours, which are enough."""
    said = PngInfo()
    said.add_text("made of", of_the_desk())
    with Image.open(picture) as image:
        image.convert("RGB").quantize(128).save(FOLDER / DESK, pnginfo=said, optimize=True)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for lang, name in TERMINALS.items():
        (FOLDER / name).write_text(terminal(lang), encoding="utf-8")
    sys.stdout.write(f"Drawn: {', '.join(TERMINALS.values())}. The desk: newcomer.py --picture\n")
