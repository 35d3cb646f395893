"""``auditkit log show FILE``: what was decided of a file's forms, and how that stands now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from auditkit.cli.inputs import data_of
from auditkit.cli.terminal import Output, how_many, say
from auditkit.schedules import DIGITS_SAID, asked_about
from auditkit.wording import LabelPath, Statement, language, put
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
