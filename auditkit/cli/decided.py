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
from auditkit.wording import LabelPath, Phrase, Statement, Term, language, put
from auditkit.wording import terms as heads_of

if TYPE_CHECKING:
    from auditkit.decisions.events import Decision, Standing
    from auditkit.decisions.log import Log
    from auditkit.wording import Fact

_FOUND = ("standing", "decision", "about", "what was found then", "now")
_HEADS = ("form key", *_FOUND, "by", "on", "in file")


def show_standing(path: str, log: Log, output: Output) -> None:
    """List the decisions on the forms of a file, those that have lost their question too.

    Each form is named with its key first, by which ``log same`` knows it. Decisions made in another
    file name that, with the first digits of its digest.
    """
    from auditkit.decisions.events import about, about_entries, about_form, decided_of
    from auditkit.decisions.standing import concerns
    from auditkit.reviewing import Terms, review

    data, name = data_of(path)
    reviews = review(data, Terms(log=log.where), name=name)
    questions = [about(finding) for one in reviews for finding in one.findings]
    for one in reviews:
        known, place = one.report.known_as, put(one.report.place, language())
        called = tuple(filter(None, (known.project, known.year, known.implementer)))
        how = "form known" if known.is_told else "form known by bytes"
        named = called or Phrase.of("without a name")
        say(Phrase.of(how, name=name, place=place, form=known.key, called=named))
        questions += about_entries(one.report, one.report.entries())
    forms = [about_form(one.report, one.findings) for one in reviews]
    questions += forms
    for event in concerns(log.decisions(), (one.report for one in reviews)):
        if event.kind == "forms":
            say(
                Phrase.of(
                    "form joined",
                    form=event.form,
                    decision=decided_of(event)[0],
                    other=event.value,
                    auditor=event.auditor,
                    day=event.made_at[:10],
                    note=event.note,
                )
            )
    found = [*_signatures(log, forms), *log.standing(questions)]
    found = list(dict.fromkeys(sorted(found, key=lambda one: one[0].number)))
    asked = {question.key: question for question in questions}
    output.results += ({**asdict(event), "standing": how.value} for event, how in found)
    output.table(heads_of(*_HEADS), _rows(found, asked))
    say(Phrase.of("decisions on file", name=name, decisions=how_many(len(found), "decision")))


def _signatures(log: Log, forms: Iterable[Decision]) -> Iterator[tuple[Decision, Standing]]:
    """Yield both signatures on each form; the second takes the place of the first in the log."""
    from auditkit.decisions.events import Standing

    for form in forms:
        for event in log.signatures(form).values():
            yield event, Standing.CURRENT if event.state == form.state else Standing.STALE


def sign(log: Log, options: argparse.Namespace, output: Output) -> None:
    """Sign a review of a file, or let it be decided again; say what would be signed first.

    Raises LogError where the file has several forms and none is named, and what the log raises.
    """
    from auditkit.decisions.events import decided_of
    from auditkit.decisions.signing import PREPARED
    from auditkit.reviewing import review

    data, name = data_of(options.path)
    reviews = review(data, replace(terms_of(options), log=log.where), name=name)
    forms = {one.report.known_as.key: one for one in reviews}
    if (options.form or len(reviews) > 1) and options.form not in forms:
        raise LogError.saying("several forms", name=name, known=tuple(forms))
    one = forms.get(options.form, reviews[0])
    if options.action == "sign" and not options.code:
        shown = log.signing(one)
        for finding in (*shown.undecided, *shown.asking):
            how = "undecided" if finding in shown.undecided else "awaits evidence"
            say(Phrase.of(how, rule=finding.rule, message=finding.message(language())))
        for value, event in shown.signatures.items():
            who = {"auditor": event.auditor, "on": event.made_at}
            say(Phrase.of("signed before", value=Term(value), **who))
        how = "signs this with reason" if shown.undecided else "signs this"
        say(Phrase.of(how, name=name, next=shown.next or PREPARED, code=shown.code))
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
    decision, value = decided_of(event)
    said = Phrase.of("signed as", decision=decision, value=value) if value else decision
    by = {"auditor": event.auditor, "on": event.made_at, "digest": event.digest}
    say(Phrase.of("signed", name=name, said=said, **by))


def _said(event: Decision) -> Fact:
    """Return what was decided, of a signature also as what it was given."""
    from auditkit.decisions.events import SIGNATURES, decided_of

    decision, value = decided_of(event)
    if value not in SIGNATURES:
        return decision
    return Phrase.of("signed as", decision=decision, value=value)


def _rows(
    found: Iterable[tuple[Decision, Standing]], asked: Mapping[str, Decision]
) -> Iterator[tuple[Fact, ...]]:
    from auditkit.decisions.events import answer_of, differences
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
            _said(event),
            asked_about(event.rule, event.subject),
            answer_of(event),
            tuple(changed),
            event.auditor,
            event.made_at[:10],
            f"{event.file} {event.document[:DIGITS_SAID]}".strip(),
        )
