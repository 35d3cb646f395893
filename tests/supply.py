"""The packages that are pinned and installed: which, their licences, and known flaws.

``python tests/supply.py licences`` lists the licence of each and fails on one that may not be
passed on with a program under the MIT licence; ``flaws FOLDER`` asks pip-audit, installed in a
folder of its own, about all pinned packages. ``pins NAME...`` prints the lines of the lock file for
what an extra of auditkit, or a package, needs, for pip to install that alone; ``lock FOLDER`` has
uv, installed in a folder, write both lock files anew, which leaves pins as they are where it can.
``wheel FOLDER`` builds the wheel of what is committed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageMetadata, distributions
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
CORE, ALL = ROOT / "requirements.lock", ROOT / "requirements-test.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
# Names of licences that ask for no more than to be named, or for changes of the package itself.
FREE = re.compile(
    r"\b(?:MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|LGPL|Lesser General|0BSD|"
    r"Unlicense|Zlib|HPND|OFL|Open Font|CC0|Public Domain|Artistic|matplotlib)",
    re.IGNORECASE,
)
BOUND = re.compile(r"\b(?:A?GPL|(?:Affero )?General Public)", re.IGNORECASE)
# What was looked at by hand: the licence that holds, and why it does.
REVIEWED: dict[str, tuple[str, str]] = {}


def licence(about: PackageMetadata) -> list[str]:
    """Return the licences that a package names, of which one may be chosen."""
    classes = about.get_all("Classifier", [])
    named = [c.rpartition(" :: ")[2] for c in classes if c.startswith("License :: ")]
    whole = about.get("License-Expression") or ""
    text = (about.get("License") or "").strip().partition("\n")[0]
    return re.split(r"\s+OR\s+", whole) if whole else named or ([text] if text else [])


def judged(name: str, licences: Sequence[str]) -> str:
    """Return what is wrong with the licences of a package, nothing where they are fine.

    >>> judged("a", ["MIT"]), judged("b", ["AGPL-3.0-only"]), judged("c", [])
    ('', 'AGPL-3.0-only is not compatible', 'no licence is named')
    >>> judged("d", ["GPL-2.0-or-later", "MPL-1.1"]), judged("e", ["MIT AND GPL-3.0-only"])
    ('', 'MIT AND GPL-3.0-only is not compatible')
    """
    if name in REVIEWED:
        return ""
    if not licences:
        return "no licence is named"
    free = [one for one in licences if FREE.search(one) and not BOUND.search(_weak(one))]
    return "" if free else f"{' or '.join(licences)} is not compatible"


def _weak(text: str) -> str:
    return re.sub(r"LGPL[\w.-]*|(?:GNU )?Lesser General Public", "", text)


def packages(
    found: Sequence[Distribution] | None = None,
) -> Iterator[tuple[str, str, list[str], str]]:
    """Yield each installed package: name, version, licences, and what is wrong with them."""
    for package in sorted(found or distributions(), key=lambda d: d.metadata["Name"].lower()):
        name, own = package.metadata["Name"], licence(package.metadata)
        if name != PROJECT["name"]:
            yield name, package.version, own, judged(name.lower(), own)


def licences() -> int:
    """Print the licence of every package; return 1 where one is not compatible or not known."""
    wrong = 0
    for name, version, own, why in packages():
        shown = REVIEWED.get(name.lower(), (" or ".join(own), ""))
        sys.stdout.write(
            f"{name} {version}: {'; '.join(filter(None, shown))}{why and f' ({why})'}\n"
        )
        wrong += bool(why)
    sys.stdout.write(f"{wrong} packages have a licence that is not compatible or not known\n")
    return int(wrong > 0)


@dataclass(frozen=True, slots=True)
class Pin:
    """A package as a lock file has it; ``needed_by`` are those that it is there for."""

    name: str
    version: str
    marker: str
    digests: frozenset[str]
    needed_by: frozenset[str]
    text: str


def pins(lock: Path) -> list[Pin]:
    """Return what a lock file pins; a package has several pins where Pythons need several."""
    text = lock.read_text(encoding="utf-8")
    return [_pin(found[0]) for found in re.finditer(r"^[a-z0-9].*\n(?:[ ].*\n)*", text, re.M)]


def _pin(text: str) -> Pin:
    what, _, why = text.partition("# via ")
    named, _, marker = what.partition("\n")[0].rstrip(" \\").partition(" ; ")
    digests = frozenset(re.findall(r"--hash=(sha256:[0-9a-f]{64})\b", what))
    name, _, version = named.partition("==")
    return Pin(name, version, marker, digests, frozenset(re.split(r", |\s", why.strip())), text)


def needed(names: Sequence[str]) -> list[Pin]:
    """Return the pins of extras or packages and of all that they need, from the lock of all."""
    given = (EXTRAS.get(name, [name]) for name in names)
    wanted = {re.split(r"[\[<>=~! ]", one)[0] for some in given for one in some}
    all_pins, before = pins(ALL), 0
    while before != len(wanted):
        before = len(wanted)
        wanted |= {pin.name for pin in all_pins if pin.needed_by & wanted}
    return [pin for pin in all_pins if pin.name in wanted]


def lock(folder: str) -> int:
    """Have uv pin what pyproject.toml asks for, all of it and the core, with digests."""
    common = (
        Path(folder, "bin", "uv"), "pip", "compile", "--quiet", "--universal", "--python-version",
        PROJECT["requires-python"].strip(">="), "--generate-hashes", "--custom-compile-command",
        "make lock", "--annotation-style", "line", "pyproject.toml",
        *(f"--no-emit-{address}" for address in ("index-url", "find-links")),
    )  # fmt: skip
    extras = [option for extra in EXTRAS for option in ("--extra", extra)]
    subprocess.run([*common, "-o", ALL.name, *extras], check=True, cwd=ROOT)
    shutil.copy(ALL, CORE)  # what a lock file pins already stays as it is
    subprocess.run([*common, "-o", CORE.name], check=True, cwd=ROOT)
    return 0


def flaws(folder: str) -> int:
    """Ask for known flaws of the pinned packages: 1 where there are any, 2 where none answers."""
    command = (
        "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off",
        "--requirement", str(ALL), "--format", "json", "--timeout", "20",
    )  # fmt: skip
    env = {**os.environ, "PYTHONPATH": folder}
    done = subprocess.run([sys.executable, *command], capture_output=True, check=False, env=env)
    try:
        known = [p for p in json.loads(done.stdout)["dependencies"] if p.get("vulns")]
    except (ValueError, KeyError):
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        sys.stderr.write(
            "Not checked: pip-audit could not get at its data about known flaws, so nothing is said"
            f" about any package. Run it again where it has a network.\n  {last[0][:300]}\n"
        )
        return 2
    for package in known:
        ids = ", ".join(flaw["id"] for flaw in package["vulns"])
        sys.stdout.write(f"{package['name']} {package['version']}: {ids}\n")
    sys.stdout.write(f"{len(known)} packages have known flaws\n")
    return int(bool(known))


def wheel(folder: str) -> int:
    """Build the wheel of the last commit, so that nothing of a person's gets into it.

    Notebooks that were opened and saved hold names, pages and decisions. It is the same bytes
    whenever it is built; 2 where there is no commit to build it of.
    """
    held = subprocess.run(["git", "archive", "HEAD"], capture_output=True, check=False, cwd=ROOT)
    if held.returncode:
        sys.stderr.write(
            "Not built: the wheel is made of what is committed, and this is no git checkout\n"
        )
        return 2
    with TemporaryDirectory() as source:
        with tarfile.open(fileobj=BytesIO(held.stdout)) as files:
            files.extractall(source, filter="data")
        env = {**os.environ, "SOURCE_DATE_EPOCH": "1735689600", "PYTHONPATH": ""}
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
        subprocess.run([*command, "-d", str(ROOT / folder)], check=True, cwd=source, env=env)
    return 0


def main(what: str, *rest: str) -> int:
    """Do what the first argument says."""
    if what == "pins":
        sys.stdout.writelines(pin.text for pin in needed(rest))
        return 0
    return {"licences": licences, "flaws": flaws, "lock": lock, "wheel": wheel}[what](*rest)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
