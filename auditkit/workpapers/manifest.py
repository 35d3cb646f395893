"""What a folder of workpapers was made of, and whether all of it still holds."""

from __future__ import annotations

import inspect
import json
import platform
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from enum import StrEnum
from functools import cache
from importlib.metadata import version
from pathlib import Path

from auditkit.contract import Json, corrections_json, fields_json, json_text, review_file
from auditkit.decisions.events import Act, Decision, about_form, decided_of, wall_time
from auditkit.decisions.log import Log
from auditkit.decisions.signing import signatures_on
from auditkit.decisions.standing import concerns, histories, joined, unreplaced
from auditkit.errors import WorkpaperError, refused
from auditkit.files import digest_of, moment, short_digest
from auditkit.findings import BY_ID, Rule, Suppression
from auditkit.grid import Document
from auditkit.redaction import MASK, Redaction
from auditkit.report import Report
from auditkit.reviewing import Review, Terms, forms_of, review
from auditkit.rules import RULES
from auditkit.rules.own import sources_of
from auditkit.schedules import asked_about
from auditkit.standards import Standards, load
from auditkit.version import __version__
from auditkit.wording import Fact, Language, Statement, Term, catalogue
from auditkit.workpapers.returned import is_book

NAME, SCHEMA = "manifest.json", "auditkit/manifest/1"
BOOK, FOR_SCRIPTS = "workpaper.xlsx", "review.json"
FILES = ("rules_file", "parameters", "template")  # of terms, told by name and digest
PACKAGE = Path(__file__).parent.parent
PACKAGES = (
    "camelot-py", "lxml", "openpyxl", "pypdf", "pypdfium2", "python-docx", "sqlalchemy", "xlrd",
)  # fmt: skip


class State(StrEnum):
    """How something that a manifest names stands now."""

    HOLDS = "holds"
    GROWN = "grown"  # facts: count
    MISSING = "missing"
    CHANGED = "changed"
    OTHER = "other"  # facts: version
    OTHERWISE = "otherwise"
    DIFFERS = "differs"
    NOT_SIGNED = "not signed"
    BESIDE = "beside"  # files agree with the manifest, which nothing proves
    UNTOLD = "untold"  # whether the review is signed, without the log of the papers
    REPLACED = "replaced"  # a decision that papers print


class Check(StrEnum):
    """What of a manifest was looked at, and what to do where it does not hold."""

    REVIEW = "review"  # facts: name
    IMPORT = "import"
    KEEP = "keep"
    NAME_OPTION = "name option"  # facts: option
    NAME_LOG = "name log"
    NAME_LOG_OR_REVIEW = "name log or review"
    REVIEW_AGAIN = "review again"
    CHAINED = "chained"  # facts: name, number
    DECIDED = "decided"  # facts: number, about, auditor, decision
    SIGNATURE = "signature"  # facts: value


_WELL = (State.HOLDS, State.GROWN, State.BESIDE)


def is_well(state: Fact) -> bool:
    """Tell whether what ``verify`` says of the state of something is no fault."""
    return (state.kind if isinstance(state, Statement) else state) in _WELL


def manifest(
    reviews: Sequence[Review], made: Mapping[str, bytes], log: Log | None, rows: Sequence[str] = ()
) -> str:
    """Return the manifest of the reviews of one document and the files made of them.

    ``rows`` are the digests of the rows of the workbook, by which those of a person are told.
    """
    terms, inputs = reviews[0].terms, list(_inputs(reviews))
    events = [event.digest for event in _concerning(reviews, log)] if log else []
    whole = {
        "schema": SCHEMA,
        "time": moment() or None,
        "inputs": inputs,
        "outputs": [_output(name, data, rows) for name, data in made.items()],
        "versions": {
            "auditkit": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
        },
        "rulebook": _rulebook(terms.rulebook),
        "standards": _law(reviews[0].standards),
        "terms": terms_json(terms, reviews[0].redaction),
        "corrections": [corrections_json(review) for review in reviews],
        "log": events[-1] if events else None,
    }
    return json_text(whole) + "\n"


def _concerning(reviews: Sequence[Review], log: Log) -> list[Decision]:
    """Return the events of a log about the forms of some reviews, as other files have them, too."""
    forms = (form for one in reviews for form in (one.report, *one.report.counterparts))
    return concerns(log.decisions(), forms)


def _output(name: str, data: bytes, rows: Sequence[str]) -> Json:
    told = {"name": name, "sha256": digest_of(data)}
    return {**told, "rows": list(dict.fromkeys(rows))} if name == BOOK else told


def _inputs(reviews: Sequence[Review]) -> Iterator[Json]:
    """Yield the document of the reviews, and others that it was held beside, for which forms."""
    beside: dict[Document, list[int]] = {}
    for form in (one.report for one in reviews):
        for other in (one for one in form.counterparts if one.document != form.document):
            beside.setdefault(other.document, []).append(form.number)
    yield fields_json(reviews[0].document, "name", "sha256")
    for document, forms in beside.items():
        yield {**fields_json(document, "name", "sha256"), "forms": forms}


def terms_json(terms: Terms, mask: Redaction | None = None) -> Json:
    """Return terms as they are recorded: what they say, and files by their names and digests.

    Rules are told by their ids where they are not all of auditkit's. Where the log lies is nobody's
    business: what of it counted stands beside the terms. With a ``mask`` nothing personal is told.
    """
    return {
        **fields_json(terms, "jurisdiction", "lang", "redact", "witness"),
        "rules": None if terms.rules == RULES else [rule.id for rule in terms.rules],
        **{name: _file_json(getattr(terms, name), mask) for name in FILES},
        "suppressions": [asdict(mask.applied(s) if mask else s) for s in terms.suppressions],
    }


def _file_json(path: Path | None, mask: Redaction | None) -> Json | None:
    if path is None:
        return None
    name = mask.masked(path.name) if mask else path.name
    return {"name": name, "sha256": digest_of(path.read_bytes())}


def terms_from(recorded: Json, given: Terms) -> Terms:
    """Return the terms that were recorded, with the log and the files that are given now."""
    ids = recorded["rules"]
    return replace(
        given,
        jurisdiction=recorded["jurisdiction"],
        lang=Language(recorded["lang"]),
        redact=recorded["redact"],
        witness=recorded.get("witness", False),
        rules=RULES if ids is None else tuple(rule for rule in RULES if rule.id in ids),
        suppressions=tuple(map(_suppression, recorded["suppressions"])),
    )


def _suppression(recorded: Json) -> Suppression:
    reason = BY_ID if recorded["reason"] == BY_ID else recorded["reason"]
    report = recorded["report"].replace(MASK, "*")  # what was masked may be anything
    return Suppression(**{**recorded, "reason": reason, "report": report})


def document_of(folder: Path) -> str:
    """Return the digest of the document whose workpapers a folder holds; empty for no such one."""
    with suppress(WorkpaperError):
        return str(_read(folder)["inputs"][0]["sha256"])
    return ""


def digest_in(folder: Path) -> str:
    """Return the digest of a folder's manifest, by which all of its workpapers are told."""
    return digest_of(Path(folder, NAME).read_bytes())


def chain(log: Log, document: str, manifest: bytes) -> None:
    """Add the digest of a manifest to the log, once, so that papers are proved against that."""
    digest = digest_of(manifest)
    key = short_digest(NAME, digest)
    if not log.history(key):
        event = Decision("papers", key, document, subject=NAME, value=digest, made_at=wall_time())
        log.merge([replace(event, decision=str(Act.WRITTEN), auditor="auditkit")])


def outputs_of(folder: Path) -> list[Json]:
    """Return what a manifest says was written; raises WorkpaperError where there is none."""
    return list(_read(folder)["outputs"])


def holds(folder: Path, digest: str, *, is_as_written: bool = False) -> bool:
    """Tell whether a folder has the workpapers of the manifest of a digest.

    One that somebody has written into since is one of them, unless all are to be as written.
    """
    with suppress(OSError, WorkpaperError):
        outputs = _read(folder)["outputs"]
        kept = (_is_there(folder, each, is_as_written=is_as_written) for each in outputs)
        return digest_in(folder) == digest and all(kept)
    return False


def _is_there(folder: Path, output: Json, *, is_as_written: bool) -> bool:
    """Tell whether an output is as written, or one that a person may have written into."""
    path = Path(folder, output["name"])
    if digest_of(path.read_bytes()) == output["sha256"]:
        return True
    return not is_as_written and path.name != FOR_SCRIPTS and (path.name != BOOK or is_book(path))


def verify(folder: Path, places: Iterable[Path], terms: Terms) -> Iterator[list[Fact]]:
    """Say of all that a folder's manifest names how it stands now, and review the input anew.

    Yields what was looked at, how it stands (a ``State``, or flaws in words), and what to do. The
    input is looked for by its name and digest in the folders ``places``; a file among them is taken
    whatever its name. ``terms`` has the log and the files of the review: own rules and parameters;
    all else is taken from the manifest. Raises WorkpaperError where there is no manifest, or the
    input is not found.
    """
    whole, places = _read(folder), tuple(places)
    terms = terms_from(whole["terms"], terms)
    for output in whole["outputs"]:
        path = Path(folder, output["name"])
        held = digest_of(path.read_bytes()) if path.is_file() else None
        how = {output["sha256"]: State.HOLDS, None: State.MISSING}.get(held, State.CHANGED)
        yield [output["name"], how, _remedy(output["name"], how)]
    rulebook, law = _rulebook(terms.rulebook), _law(load(terms.parameters))
    for name, now, option in (("rulebook", rulebook, "rules"), ("standards", law, "parameters")):
        other = Statement.of(State.OTHER, version=whole["versions"]["auditkit"])
        advice = Statement.of(Check.NAME_OPTION, option=f"--{option}")
        holds = whole[name] == now
        yield [Term(name), *((State.HOLDS, "") if holds else (other, advice))]
    log, again = Log(terms.log), _reviewed(whole["inputs"], places, terms)
    flaws = "; ".join(log.verify(whole["log"])) if whole["log"] else ""
    if flaws:
        yield [log.name, flaws, Check.NAME_LOG]
    elif whole["log"]:
        yield from _since(whole["log"], again, log)
    if list(map(corrections_json, again)) != whole["corrections"]:
        yield [Term("corrected readings"), State.OTHERWISE, Check.NAME_LOG_OR_REVIEW]
    yield _proved(folder, log, again, is_told=not flaws)
    path, told = Path(folder, FOR_SCRIPTS), review_file(again)
    is_same = path.is_file() and _unsigned(path) == json.loads(told)
    what = Statement.of(Check.REVIEW, name=whole["inputs"][0]["name"])
    yield [what, *((State.HOLDS, "") if is_same else (State.DIFFERS, Check.REVIEW_AGAIN))]


def _unsigned(path: Path) -> Json:
    """Return the reviews of a file without who signed them, which the log proves, or does not."""
    try:
        whole: Json = json.loads(path.read_bytes())
        return {**whole, "reviews": [{**one, "signatures": {}} for one in whole["reviews"]]}
    except (ValueError, KeyError, TypeError):
        return {}


def _remedy(name: str, how: State) -> str:
    """Return what to do about a paper: decisions are taken out of the workbook alone."""
    if how is State.CHANGED:
        return Check.IMPORT if name == BOOK else Check.KEEP
    return Check.REVIEW_AGAIN if how is State.MISSING else ""


def _since(last: str, reviews: Sequence[Review], log: Log) -> Iterator[list[Fact]]:
    """Say of the log that papers rest on, up to an event, what was decided of their forms since.

    What the papers print and does not stand now is said of each decision.
    """
    events = _concerning(reviews, log)
    number = next(event.number for event in log.decisions() if event.digest == last)
    then = [event for event in events if event.number <= number]
    later = len(events) - len(then)
    yield [log.name, Statement.of(State.GROWN, count=later) if later else State.HOLDS, ""]
    stands = {event.identity for event in _standing(events, reviews)}
    for event in _standing(then, reviews):
        if event.identity not in stands:
            yield [_decided(event), State.REPLACED, Check.REVIEW_AGAIN]


def _standing(events: Sequence[Decision], reviews: Sequence[Review]) -> Iterator[Decision]:
    """Yield the decisions on findings, and the signatures, that stand after some events."""
    yield from unreplaced(event for event in events if event.kind == "finding")
    for one in reviews:
        form = about_form(one.report, one.findings)
        signed = histories(events, [form], joined(events))[form.key]
        yield from signatures_on(form, signed).values()


def _decided(event: Decision) -> Statement:
    decision, value = decided_of(event)
    said = Statement.of(Check.SIGNATURE, value=value) if value else decision
    about = asked_about(event.rule, event.subject)
    number, auditor = event.number, event.auditor
    return Statement.of(Check.DECIDED, number=number, about=about, auditor=auditor, decision=said)


def _proved(
    folder: Path, log: Log, reviews: Sequence[Review], *, is_told: bool = True
) -> list[Fact]:
    """Say whether the log holds the manifest of papers, where their review was signed.

    It tells that unless it is not the one that the papers rest on.
    """
    is_signed = any(log.signatures(about_form(one.report, one.findings)) for one in reviews)
    held = log.history(short_digest(NAME, digest_in(folder)))
    if held and (flaws := log.verify()):
        return [NAME, "; ".join(flaws), Check.NAME_LOG]
    if held:
        return [Statement.of(Check.CHAINED, name=NAME, number=held[-1].number), State.HOLDS, ""]
    if is_signed:
        return [NAME, State.NOT_SIGNED, Check.REVIEW_AGAIN]
    return [NAME, State.BESIDE, ""] if is_told else [NAME, State.UNTOLD, Check.NAME_LOG]


def _reviewed(inputs: Sequence[Json], places: Sequence[Path], terms: Terms) -> tuple[Review, ...]:
    """Review a document anew, beside the others that its forms were held against."""
    (own, *others), beside = inputs, defaultdict[str, list[Report]](list)
    data = _found(own, places)
    identities = {f.number: f.identity for f in forms_of(data, terms)} if others else {}
    for other in others:
        known = forms_of(_found(other, places), terms, name=other["name"])
        forms = {form.identity: form for form in reversed(known)}
        for identity in dict.fromkeys(identities[number] for number in other["forms"]):
            beside[identity].append(forms[identity])
    return review(data, terms, name=own["name"], beside=beside)


def _read(folder: Path) -> Json:
    try:
        whole: Json = json.loads(Path(folder, NAME).read_bytes())
        if whole["schema"] != SCHEMA:
            raise ValueError(f"of the kind {whole['schema']}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = refused(error) if isinstance(error, OSError) else str(error)
        raise WorkpaperError.saying("manifest-none", name=str(folder), reason=reason) from error
    return whole


def _found(given: Mapping[str, str], places: Iterable[Path]) -> bytes:
    for place in places:
        names = {given["name"]} if MASK not in given["name"] else None
        inside = (p for p in sorted(place.rglob("*")) if names is None or p.name in names)
        for path in filter(Path.is_file, [place] if place.is_file() else inside):
            if digest_of(data := path.read_bytes()) == given["sha256"]:
                return data
    raise WorkpaperError.saying("input-changed", name=given["name"])


def _rulebook(rules: Sequence[Rule]) -> str:
    """Return the digest of the rules: of the files that they stand in, and of their words."""
    named = {Path(inspect.getsourcefile(rule.check) or ""): rule for rule in rules}
    texts = (_source(path, named[path]) for path in sorted(named, key=lambda p: p.name))
    return digest_of("\f".join((*texts, json.dumps(catalogue(), sort_keys=True))).encode())


def _source(path: Path, rule: Rule) -> str:
    """Return what a rule stands in, in a notebook its cell alone.

    That is its file, and with it those that it imports from the same folder.
    """
    if not path.is_file():
        return inspect.getsource(rule.check)
    return _own_source(path) if path.is_relative_to(PACKAGE) else _text_of(path)


def _text_of(path: Path) -> str:
    made = sorted(sources_of(path).items())
    return "\f".join(data.decode("utf-8", "replace") for _, data in made)


# What this package runs was loaded once, so its text is read once; an auditor's file may change.
_own_source = cache(_text_of)


def _law(standards: Standards) -> str:
    return digest_of(repr(standards).encode())
