"""The packages that are installed: their licences, and known flaws.

``python tests/supply.py licences`` lists the licence of each and fails on one that may not be
passed on with a program under the MIT licence; ``flaws FOLDER`` asks pip-audit, installed in a
folder of its own, about all pinned packages.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, PackageMetadata, distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
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
        if name != "auditkit":
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


def flaws(folder: str) -> int:
    """Ask for known flaws of the pinned packages: 1 where there are any, 2 where none answers."""
    command = (
        "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off",
        "--requirement", str(ROOT / "requirements.lock"), "--format", "json", "--timeout", "20",
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


if __name__ == "__main__":
    sys.exit(licences() if sys.argv[1:2] == ["licences"] else flaws(sys.argv[2]))
