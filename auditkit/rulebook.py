"""The rules and the standards as an auditor reads them, made of the declarations themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable

from auditkit import wording
from auditkit.contract import Json, provision_json
from auditkit.findings import Rule
from auditkit.schedules import Schedule, provided, provision_line, where_of
from auditkit.standards import Jurisdiction, Standards
from auditkit.wording import LANGUAGES, NAMES, TERMS, Name, Term, terms

EXAMPLES = terms("fails", "passes", "open")  # what a rule's docstring gives, each from a line on
_HEADS = "|".join(name.capitalize() for name in EXAMPLES)
_EXAMPLE = re.compile(rf"^({_HEADS}): (.*?)(?=^[A-Z]\w+: |\Z)", re.M | re.S)


def rules(some: Iterable[Rule], lang: str = "en") -> Schedule:
    """List rules: what each is called, how much it matters, and what it checks."""
    words = ((r, wording.text(r.id, "statement", lang)) for r in some)
    rows = [(rule.id, rule.severity, rule.title(lang), statement) for rule, statement in words]
    return terms("rule", "severity", "title", "statement"), rows


def rule_json(rule: Rule, law: Standards, place: Jurisdiction, lang: str = "en") -> Json:
    """Return all that is known of a rule, with the values in force in a place on a day."""
    used = [provision for provision in law.resolved(place) if provision.name in rule.parameters]
    basis = dict.fromkeys((*rule.basis, *(provision.basis for provision in used)))
    texts = {name: wording.text(rule.id, name, lang) for name in ("statement", "why", "question")}
    texts["checks"] = _EXAMPLE.sub("", rule.explanation)
    texts |= {name.lower(): text for name, text in _EXAMPLE.findall(rule.explanation)}
    return {
        "id": rule.id,
        "title": rule.title(lang),
        "severity": rule.severity,
        **{name: " ".join(text.split()) for name, text in texts.items()},
        "parameters": [provision_json(provision) for provision in used],
        "basis": law.citations((b for b in basis if law.applies(b, place)), used, lang),
    }


def rule_page(rule: Rule, law: Standards, place: Jurisdiction, lang: str = "en") -> Schedule:
    """Lay out one rule as a page: a row for each thing to say of it.

    What a docstring says of auditkit's own rules is English, and stands on English pages alone.
    """
    told = rule_json(rule, law, place, lang)
    untold = ("id",) if rule.is_own or lang == LANGUAGES[0] else ("id", "checks", *EXAMPLES)
    told = {name: text for name, text in told.items() if name not in untold}
    used = [provision for provision in law.resolved(place) if provision.name in rule.parameters]
    told["parameters"] = [provision_line(provision, law, lang) for provision in used]
    lines = ((name, text if isinstance(text, list) else [text]) for name, text in told.items())
    rows = [(Term(name), line) for name, texts in lines for line in texts if line]
    return (Term("about"), rule.id), rows


def glossary() -> Schedule:
    """List the terms of both languages beside each other, in the order of the English ones."""
    known = (table for name in (TERMS, NAMES) for table in wording.words()[name].values())
    worded = (both for both in known if both["en"].isascii() and not both["zh"].isascii())
    pairs = {(both["en"].replace("_", " "), both["zh"]) for both in worded}
    return ("English", "中文"), sorted(pairs, key=lambda pair: (pair[0].lower(), pair[1]))


def standards(law: Standards, place: Jurisdiction, lang: str = "en") -> Schedule:
    """List the values in force in a place on a day, each with its basis and how sure it is."""
    rows = []
    for p in law.resolved(place):
        basis = law.instrument(p.basis).citation(lang, p.mark)
        rows.append((Name(p.name), provided(p), p.since, where_of(p, law), basis))
    return terms("parameter", "value", "since", "where in force", "basis"), rows
