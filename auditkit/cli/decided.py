"""``auditkit log`` on a file: what was decided of its forms, signing, and reopening them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from auditkit.cli.inputs import data_of, terms_of
from auditkit.cli.terminal import Output, how_many, say
from auditkit.errors import LogError
from auditkit.schedules import DIGITS_SAID, asked_about
from auditkit.wording import LabelPath, Statement, language, put
from auditkit.wording import terms as heads_of

if TYPE_CHECKING:
    from auditkit.decisions.events import Decision, Standing
    from auditkit.decisions.log import Log
    from auditkit.decisions.signing import Signing
    from auditkit.wording import Fact

_FOUND = ("standing", "decision", "about", "what was found then", "now")
_HEADS = ("form key", *_FOUND, "by", "on", "in file")


def show_standing(path: str, log: Log, output: Output) -> None:
    """List the decisions on the forms of a file, those that have lost their question too.

    Each form is named with its key first, by which ``log same`` knows it. Decisions made in another
    file name that, with the first digits of its digest.
    """
    from auditkit.decisions.events import about, about_entries, about_form
    from auditkit.decisions.standing import concerns
    from auditkit.reviewing import Terms, review

    data, name = data_of(path)
    reviews = review(data, Terms(log=log.where), name=name)
    questions = [about(finding) for one in reviews for finding in one.findings]
    for one in reviews:
        known, place = one.report.known_as, put(one.report.place, language())
        called = ", ".join(filter(None, (known.project, known.year, known.implementer)))
        how = "" if known.is_told else ": it is known by the bytes of this file alone"
        say(f"{name}, {place}: form {known.key}, {called or 'without a name'}{how}")
        questions += about_entries(one.report, one.report.entries())
        questions.append(about_form(one.report, one.findings))
    for event in concerns(log.decisions(), (one.report for one in reviews)):
        if event.kind == "forms":
            said = f"{event.form} is {event.decision} {event.value}"
            say(f"{said} ({event.auditor}, {event.made_at[:10]}): {event.note}")
    found = log.standing(questions)
    asked = {question.key: question for question in questions}
    output.results += ({**asdict(event), "standing": how.value} for event, how in found)
    output.table(heads_of(*_HEADS), _rows(found, asked))
    say(f"{name}: {how_many(len(found), 'decision')}")


def sign(log: Log, options: argparse.Namespace, output: Output) -> None:
    """Sign a review of a file, or let it be decided again; say what would be signed first.

    Raises LogError where the file has several forms and none is named, and what the log raises.
    """
    from auditkit.reviewing import review

    data, name = data_of(options.path)
    reviews = review(data, replace(terms_of(options), log=log.where), name=name)
    forms = {one.report.known_as.key: one for one in reviews}
    if (options.form or len(reviews) > 1) and options.form not in forms:
        advice = f"Name one of {', '.join(forms)} with --form"
        raise LogError("it has several forms, or none of this key", name=name, advice=advice)
    one = forms.get(options.form, reviews[0])
    if options.action == "sign" and not options.code:
        shown = log.signing(one)
        for finding in (*shown.undecided, *shown.asking):
            how = "undecided" if finding in shown.undecided else "waits for evidence"
            say(f"{how}: {finding.rule} {finding.message(language())}")
        for value, event in shown.signatures.items():
            say(f"{value} by {event.auditor} on {event.made_at}")
        say(f"{name}: {_signed_with(shown)} signs this; --code {shown.code}")
        return
    try:
        if options.action == "reopen":
            event = log.reopen(one, options.note, options.auditor)
        else:
            given = options.value, options.note, options.auditor
            event = log.sign(one, *given, code=options.code)
    except ValueError as error:
        options.parser.error(str(error))
    output.results.append(asdict(event))
    said = " ".join(filter(None, (event.decision, event.value)))
    say(f"{name}: {said} by {event.auditor} on {event.made_at}; its digest is {event.digest}")


def _signed_with(shown: Signing) -> str:
    reason = " and --note WHY, since not all is decided," if shown.undecided else ""
    return f"auditkit log sign FILE --as {shown.next or 'prepared'} --auditor NAME{reason}"


def _rows(
    found: Iterable[tuple[Decision, Standing]], asked: Mapping[str, Decision]
) -> Iterator[tuple[Fact, ...]]:
    from auditkit.decisions.events import answer_of, decided_of, differences
    from auditkit.schedules import Saying

    for event, standing in found:
        now = asked.get(event.key)
        sides = differences(event, now) if now else ()
        changed = (
            Statement.of(Saying.CHANGED, path=LabelPath(at), then=then or "-", now=new or "-")
            for at, then, new in sides
        )
        yield (
            event.form,
            standing,
            decided_of(event)[0],
            asked_about(event.rule, event.subject),
            answer_of(event),
            tuple(changed),
            event.auditor,
            event.made_at[:10],
            f"{event.file} {event.document[:DIGITS_SAID]}".strip(),
        )
