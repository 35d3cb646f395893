"""What a folder of workpapers was made of, and whether all of it still holds."""

from __future__ import annotations

import hashlib
import inspect
import json
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path

from auditkit.contract import Json, json_text, review_file
from auditkit.decisions.log import Log, corrected
from auditkit.errors import LogError, WorkpaperError
from auditkit.files import moment
from auditkit.findings import BY_ID, Rule, Suppression
from auditkit.redaction import MASK
from auditkit.report import Report
from auditkit.reviewing import Review, Terms, beside, read_bytes, review_reports
from auditkit.rules import RULES
from auditkit.standards import Standards, load
from auditkit.version import __version__
from auditkit.wording import Fact, Statement, Term, catalogue
from auditkit.workpapers.returned import unsaved_rows

NAME, SCHEMA = "manifest.json", "auditkit/manifest/1"
PACKAGES = (
    "camelot-py", "lxml", "openpyxl", "pypdf", "pypdfium2", "python-docx", "sqlalchemy", "xlrd",
)  # fmt: skip


class State(StrEnum):
    """How something that a manifest names stands now."""

    HOLDS = "holds"
    MISSING = "missing"
    CHANGED = "changed"
    OTHER = "other"  # facts: version
    DIFFERS = "differs"


class Check(StrEnum):
    """What of a manifest was looked at, and what to do where it does not hold."""

    REVIEW = "review"  # facts: name
    IMPORT = "import"
    NAME_OPTION = "name option"  # facts: option
    NAME_LOG = "name log"
    REVIEW_AGAIN = "review again"


def manifest(reviews: Sequence[Review], made: Mapping[str, bytes], log: Log | None) -> str:
    """Return the manifest of the reviews of one document and the files made of them."""
    review, place, terms = reviews[0], reviews[0].jurisdiction, reviews[0].terms
    others = (other.document for r in reviews for other in r.report.counterparts)
    inputs = {d.sha256: d.name for d in (review.document, *others)}
    events = [e.digest for e in log.annotations() if e.document in inputs] if log else []
    own = terms.get("parameters")
    whole = {
        "schema": SCHEMA,
        "time": moment() or None,
        "inputs": [{"name": name, "sha256": sha256} for sha256, name in inputs.items()],
        "outputs": [{"name": name, "sha256": _digest(data)} for name, data in made.items()],
        "versions": {
            "auditkit": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
        },
        "rulebook": _rulebook(terms.get("rules", RULES)),
        "standards": _law(review.standards),
        "terms": {
            "jurisdiction": None if place.guessed else place.code,
            "lang": review.lang,
            "redact": review.redaction is not None,
            "parameters": own and {"name": own.name, "sha256": _digest(own.read_bytes())},
            "suppressions": [asdict(s) for s in terms.get("suppressions", ()) if s.rule],
        },
        "log": events[-1] if events else None,
    }
    return json_text(whole)


def unsaved(folder: Path, log: Log | None) -> str:
    """Return where the workbook of a folder holds what neither auditkit wrote nor the log holds."""
    path, known = Path(folder, "workpaper.xlsx"), list[str]()
    if not path.is_file():
        return ""
    with suppress(WorkpaperError):  # of an older version, or from elsewhere
        known = [output["sha256"] for output in _read(folder)["outputs"]]
    if _digest(path.read_bytes()) in known:
        return ""
    try:
        return "; ".join(unsaved_rows(path, log))
    except LogError:
        return "which is no workbook as it was written any more" if known else ""


def verify(folder: Path, places: Iterable[Path], log: Log, terms: Terms) -> Iterator[list[Fact]]:
    """Say of all that a folder's manifest names how it stands now, and review the input anew.

    Yields what was looked at, how it stands (a ``State``, or flaws in words), and what to do. The
    input is looked for by its name and digest in the folders ``places``; a file among them is taken
    whatever its name. ``terms`` has the rules and parameters of the review. Raises WorkpaperError
    where there is no manifest, or the input is not found.
    """
    whole = _read(folder)
    for output in whole["outputs"]:
        path = Path(folder, output["name"])
        held = _digest(path.read_bytes()) if path.is_file() else None
        how = {output["sha256"]: State.HOLDS, None: State.MISSING}.get(held, State.CHANGED)
        yield [output["name"], how, "" if how is State.HOLDS else Check.IMPORT]
    rulebook, law = _rulebook(terms.get("rules", RULES)), _law(load(terms.get("parameters")))
    for name, now, option in (("rulebook", rulebook, "rules"), ("standards", law, "parameters")):
        other = Statement.of(State.OTHER, version=whole["versions"]["auditkit"])
        advice = Statement.of(Check.NAME_OPTION, option=f"--{option}")
        holds = whole[name] == now
        yield [Term(name), *((State.HOLDS, "") if holds else (other, advice))]
    if whole["log"]:
        flaws = "; ".join(log.verify(whole["log"]))
        yield [log.name, flaws or State.HOLDS, Check.NAME_LOG if flaws else ""]
    terms["jurisdiction"], terms["lang"] = whole["terms"]["jurisdiction"], whole["terms"]["lang"]
    terms["redact"] = whole["terms"]["redact"]
    terms["suppressions"] = list(map(_suppression, whole["terms"]["suppressions"]))
    known, reports = dict[str, Report](), list[Report]()
    for given in reversed(whole["inputs"]):  # the document of the review is the first
        read = read_bytes(_found(given, places), given["name"])
        reports = [beside(corrected(report, log), known) for report in read]
    again, path = review_file(review_reports(reports, **terms)), Path(folder, "review.json")
    is_same = path.is_file() and path.read_text(encoding="utf-8") == again
    what = Statement.of(Check.REVIEW, name=whole["inputs"][0]["name"])
    yield [what, *((State.HOLDS, "") if is_same else (State.DIFFERS, Check.REVIEW_AGAIN))]


def _suppression(given: Json) -> Suppression:
    is_by_id = given["reason"] == BY_ID
    return Suppression(**{**given, "reason": BY_ID if is_by_id else given["reason"]})


def _read(folder: Path) -> Json:
    try:
        whole: Json = json.loads(Path(folder, NAME).read_bytes())
        if whole["schema"] != SCHEMA:
            raise ValueError(f"of the kind {whole['schema']}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        advice = "Name a folder of workpapers that auditkit review wrote"
        raise WorkpaperError(f"no manifest: {error}", name=str(folder), advice=advice) from error
    return whole


def _found(given: Mapping[str, str], places: Iterable[Path]) -> bytes:
    for place in places:
        names = {given["name"]} if MASK not in given["name"] else None
        inside = (p for p in sorted(place.rglob("*")) if names is None or p.name in names)
        for path in filter(Path.is_file, [place] if place.is_file() else inside):
            if _digest(data := path.read_bytes()) == given["sha256"]:
                return data
    advice = "Say where it is with --input FILE_OR_FOLDER"
    raise WorkpaperError(
        "not found, or changed since the review", name=given["name"], advice=advice
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _rulebook(rules: Sequence[Rule]) -> str:
    """Return the digest of the rules: of the files that they stand in, and of their words."""
    paths = {Path(inspect.getsourcefile(rule.check) or "") for rule in rules}
    texts = (path.read_text(encoding="utf-8") for path in sorted(paths, key=lambda p: p.name))
    return _digest("\f".join((*texts, json.dumps(catalogue(), sort_keys=True))).encode())


def _law(standards: Standards) -> str:
    return _digest(repr(standards).encode())
