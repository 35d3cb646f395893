"""Sixty wrong usages, and what is said of each in both languages: a golden file that is read."""

from __future__ import annotations

import os
import shlex
import sys
import zipfile
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import fuzz_seeds
import pytest
from goldens import difference, write

from auditkit.cli import main
from auditkit.wording import LANGUAGES

GOLDEN = Path(__file__).parent / "usage" / "wrong.txt"
PART = 30  # usages of one test
USAGES = Path(__file__).parent / "usage" / "wrong.list"


def usages() -> list[str]:
    lines = USAGES.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def prepare(folder: Path) -> None:
    """Write the files that the usages name."""
    (folder / "form.csv").write_bytes(fuzz_seeds.csv())
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    (folder / "letter.txt").write_text("Dear all,\nplease find nothing here.\n", "utf-8")
    (folder / "picture.bin").write_bytes(b"\0\1\2\3" * 50)
    for name, part in (
        ("form.ofd", "OFD.xml"),
        ("forms.zip", "a.txt"),
        ("slides.pptx", "ppt/presentation.xml"),
    ):
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr(part, "<x/>")
    (folder / "mixed").mkdir()
    for name in ("form.ofd", "forms.zip"):
        (folder / "mixed" / name).write_bytes((folder / name).read_bytes())
    (folder / "mixed" / "~$form.docx").write_bytes(b"lock")
    (folder / "nothing").mkdir()
    (folder / "values.toml").write_text("[broken\n", "utf-8")
    (folder / "odd.toml").write_text('[[suppress]]\nrule = "EX-02"\n', "utf-8")
    (folder / "rules.py").write_text("1 / 0\n", "utf-8")
    (folder / "none.py").write_text("x = 1\n", "utf-8")
    (folder / "log.jsonl").write_text('{"schema": "auditkit/log/1", "events": 3}\n', "utf-8")
    (folder / "damaged.sqlite").write_bytes(b"no database" * 99)


def said(usage: str, lang: str) -> str:
    """Return the exit code of a usage, and what it says, a line each."""
    told = StringIO()
    os.environ["AUDITKIT_LANG"] = lang
    with redirect_stderr(told), redirect_stdout(StringIO()):
        try:
            code = main(shlex.split(usage))
        except SystemExit as ended:
            code = int(ended.code or 0)
    return "".join(f"  {lang} {code}: {line}\n" for line in told.getvalue().splitlines())


def written(folder: Path, some: Sequence[str]) -> str:
    """Return the golden text of usages: each, and what is said of it in both languages."""
    here, lang = Path.cwd(), os.environ.get("AUDITKIT_LANG")
    os.chdir(folder)
    try:
        parts = [f"$ auditkit {one}\n{''.join(said(one, x) for x in LANGUAGES)}\n" for one in some]
    finally:
        os.chdir(here)
        os.environ.pop("AUDITKIT_LANG")
        os.environ |= {"AUDITKIT_LANG": lang} if lang else {}
    return "".join(parts).replace(str(folder), "FOLDER")


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, len(usages()), PART))
def test_what_is_said_of_wrong_usages_is_as_it_was_read(
    start: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUDITKIT_LOG", raising=False)
    prepare(tmp_path)
    some = usages()[start : start + PART]
    found = written(tmp_path, some)
    golden = GOLDEN.read_text(encoding="utf-8").split("$ auditkit ")[1 + start :][: len(some)]
    assert found == "".join(f"$ auditkit {part}" for part in golden), difference(GOLDEN, found)
    assert "unexpected" not in found
    assert "Traceback" not in found


def test_sixty_wrong_usages_and_more_are_kept() -> None:
    assert len(set(usages())) == len(usages()) >= 60
    assert GOLDEN.read_text(encoding="utf-8").count("$ auditkit ") == len(usages())


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    if "--regenerate" in sys.argv:
        with TemporaryDirectory() as made:
            prepare(Path(made))
            write(GOLDEN, written(Path(made), usages()))
