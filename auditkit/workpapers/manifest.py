"""What a folder of workpapers was made of, and whether all of it still holds."""

from __future__ import annotations

import hashlib
import inspect
import json
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import auditkit
from auditkit.annotations import Log, corrected
from auditkit.errors import WorkpaperError
from auditkit.files import moment
from auditkit.findings import Rule, Suppression
from auditkit.reviewing import Review, Terms, beside, read_bytes, review_reports
from auditkit.rules import RULES
from auditkit.standards import Standards, load
from auditkit.wording import catalogue
from auditkit.workpapers.contract import Json, review_file

NAME, HOLDS = "manifest.json", "holds"
PACKAGES = ("camelot-py", "lxml", "openpyxl", "pypdfium2", "sqlalchemy", "xlrd")
Row = tuple[str, str, str]  # what was looked at, how it stands, what to do


def manifest(reviews: Sequence[Review], made: Mapping[str, bytes], log: Log | None) -> str:
    """Return the manifest of the reviews of one document and the files made of them."""
    review, place = reviews[0], reviews[0].jurisdiction
    others = (other.document for r in reviews for other in r.report.counterparts)
    documents = {d.sha256: d.name for d in (review.document, *others)}
    events = [e for e in log.annotations() if e.document in documents] if log else []
    extra = review.terms.get("parameters")
    terms = {
        "jurisdiction": None if place.guessed else place.code,
        "lang": review.lang,
        "parameters": extra and {"name": extra.name, "sha256": _digest(extra.read_bytes())},
        "suppressions": [
            {"rule": s.rule, "reason": s.reason, "report": s.report}
            for s in review.terms.get("suppressions", ())
            if s.rule
        ],
    }
    whole = {
        "schema": "auditkit/manifest/1",
        "time": moment() or None,
        "inputs": [{"name": name, "sha256": sha256} for sha256, name in documents.items()],
        "outputs": [{"name": name, "sha256": _digest(data)} for name, data in made.items()],
        "versions": _versions(),
        "rulebook": _rulebook(review.terms.get("rules", RULES)),
        "standards": _law(review.standards),
        "terms": terms,
        "log": events[-1].digest if events else None,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def verify(
    folder: Path,
    places: Iterable[Path],
    log: Log,
    rules: Sequence[Rule] = RULES,
    parameters: Path | None = None,
) -> Iterator[Row]:
    """Say of all that a folder's manifest names whether it still holds, and review the input anew.

    The input is looked for by its name and digest in the folders ``places``; a file among them is
    taken whatever its name. ``rules`` and ``parameters`` are those of the review. Raises
    WorkpaperError where there is no manifest, or the input is not found.
    """
    whole = _read(folder)
    for output in whole["outputs"]:
        path = Path(folder, output["name"])
        held = _digest(path.read_bytes()) if path.is_file() else None
        how = {output["sha256"]: HOLDS, None: "missing"}.get(held, "changed since it was written")
        yield output["name"], how, "" if how == HOLDS else "Review again; import decisions first"
    now = {"rulebook": _rulebook(rules), "standards": _law(load(parameters))}
    for name, option in (("rulebook", "--rules"), ("standards", "--parameters")):
        is_same = whole[name] == now[name]
        advice = "" if is_same else f"Give those of the review with {option}, or review again"
        yield name, HOLDS if is_same else "other than at the review", advice
    if whole["log"]:
        flaws = log.verify(whole["log"])
        yield log.name, "; ".join(flaws) or HOLDS, "Name the log with --log" if flaws else ""
    if whole["versions"] != (here := _versions()):
        odd = {name: made for name, made in whole["versions"].items() if made != here.get(name)}
        said = ", ".join(f"{name} {made}" for name, made in odd.items())
        yield "versions", HOLDS, f"made by other versions: {said}"
    inputs = [(i["name"], _found(i["name"], i["sha256"], places)) for i in whole["inputs"]]
    terms: Terms = {"rules": rules, "parameters": parameters}
    terms["jurisdiction"], terms["lang"] = whole["terms"]["jurisdiction"], whole["terms"]["lang"]
    terms["suppressions"] = [Suppression(**given) for given in whole["terms"]["suppressions"]]
    known: dict[str, Any] = {}
    for name, data in reversed(inputs):  # the document of the review is the first
        reports = [beside(corrected(r, log), known) for r in read_bytes(data, name)]
    again = review_file(review_reports(reports, **terms))
    path = Path(folder, "review.json")
    is_same = path.is_file() and path.read_text(encoding="utf-8") == again
    said = HOLDS if is_same else f"reviewed anew, it comes to another{_difference(path, again)}"
    yield f"review of {inputs[0][0]}", said, ""


def _difference(path: Path, again: str) -> str:
    """Say which answers are others now, as far as the older review can be read."""
    try:
        texts = path.read_text(encoding="utf-8"), again
        old, new = (
            {f["key"]: f for r in json.loads(text)["reviews"] for f in r["findings"]}
            for text in texts
        )
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    odd = [f for key, f in (old | new).items() if old.get(key) != new.get(key)]
    said = ", ".join(f"{f['rule']} {f['subject']}" for f in odd[:3])
    return f": {len(odd)} answers, such as {said}" if odd else ""


def _read(folder: Path) -> Json:
    advice = "Name a folder of workpapers that auditkit review wrote"
    try:
        whole: Json = json.loads(Path(folder, NAME).read_bytes())
        if whole["schema"] != "auditkit/manifest/1":
            raise ValueError(f"of the kind {whole['schema']}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkpaperError(f"no manifest: {error}", name=str(folder), advice=advice) from error
    return whole


def _found(name: str, sha256: str, places: Iterable[Path]) -> bytes:
    for place in places:
        inside = (path for path in sorted(place.rglob("*")) if path.name == name)
        for path in [place] if place.is_file() else inside:
            if path.is_file() and _digest(data := path.read_bytes()) == sha256:
                return data
    advice = "Say where it is with --input FILE_OR_FOLDER"
    raise WorkpaperError("the input is not found, or was changed", name=name, advice=advice)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _versions() -> dict[str, str]:
    known = {"auditkit": auditkit.__version__, "python": platform.python_version()}
    return known | {name: version(name) for name in PACKAGES}


def _rulebook(rules: Sequence[Rule]) -> str:
    """Return the digest of the rules: of the files that they stand in, and of their words."""
    paths = {inspect.getsourcefile(rule.check) or "" for rule in rules}
    texts = (
        Path(path).read_text(encoding="utf-8") for path in sorted(paths, key=lambda p: Path(p).name)
    )
    return _digest("\f".join((*texts, json.dumps(catalogue(), sort_keys=True))).encode())


def _law(standards: Standards) -> str:
    return _digest(repr(standards).encode())
