"""Findings for other tools: SARIF 2.1.0, made of the same values as ``review.json``.

Forms are not text with lines, so a finding stands at its file, with the entry of the form as
logical location, and the cells, pages and boxes among them, as properties.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

import auditkit
from auditkit import wording
from auditkit.findings import Rule
from auditkit.workpapers.contract import Json, json_text

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
KEPT = ("reported", "expected", "arithmetic", "question", "basis")


def sarif(reviews: Iterable[Json], rules: Sequence[Rule], lang: str = "en") -> str:
    """Return reviews, in the shape of ``review_json``, as the text of one SARIF log."""
    known = [rule.id for rule in rules]
    names: dict[str, str] = {}
    results = []
    for review in reviews:
        digest, name = review["document"]["sha256"], quote(review["document"]["name"])
        names.setdefault(digest, name)
        file = {"uri": name, "index": list(names).index(digest)}
        results += [_result(finding, file, known) for finding in review["findings"]]
    driver = {"name": "auditkit", "version": auditkit.__version__, "language": lang}
    files = [{"location": {"uri": n}, "hashes": {"sha-256": d}} for d, n in names.items()]
    tool = {"driver": {**driver, "rules": [_rule(rule, lang) for rule in rules]}}
    run = {"tool": tool, "artifacts": files, "results": results}
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_text(log)


def _rule(rule: Rule, lang: str) -> Json:
    texts = {"fullDescription": "statement", "help": "why"}
    words = {key: wording.text(rule.id, name, lang) for key, name in texts.items()}
    words["shortDescription"] = rule.title(lang)
    level = {"defaultConfiguration": {"level": rule.severity}}
    return {"id": rule.id, **level, **{k: {"text": text} for k, text in words.items() if text}}


def _result(finding: Json, file: Json, rules: list[str]) -> Json:
    reason = finding["suppressed"]
    place = {
        "physicalLocation": {"artifactLocation": file},
        "logicalLocations": [{"fullyQualifiedName": finding["subject"]}],
        "properties": {"cells": finding["evidence"]},
    }
    return {
        "ruleId": finding["rule"],
        "ruleIndex": rules.index(finding["rule"]),
        "kind": finding["outcome"],
        "level": finding["severity"] if finding["outcome"] == "fail" else "none",
        "message": {"text": finding["message"]},
        "locations": [place],
        "partialFingerprints": {name: finding[name] for name in ("key", "state")},
        "suppressions": [{"kind": "external", "justification": reason}] if reason else [],
        "properties": {name: finding[name] for name in KEPT},
    }
