"""Workpapers: what an auditor hands over, written whole or not at all."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from auditkit.contract import review_file
from auditkit.decisions.events import Decision, Standing, about_form, made_when
from auditkit.decisions.log import Log
from auditkit.errors import ReadError, WorkpaperError, all_given, refused
from auditkit.files import write_whole
from auditkit.reviewing import Review, redacted
from auditkit.wording import Fact, Phrase

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write_workpapers(
    reviews: Review | Sequence[Review],
    folder: str | Path,
    log: Log | str | Path | None = None,
    *,
    source: bytes | None = None,
    redact: bool = False,
    template: str | Path | None = None,
    ink: str = "stop",
    tell: Callable[[Fact], object] | None = None,
) -> tuple[Path, ...]:
    """Write the workpapers of one document's forms into a folder and return their paths.

    ``log`` and ``template`` are those of the reviews' terms, unless others are given.

    ``workpaper.xlsx`` to work in, with the decisions of the log filled in, ``workpaper.html`` to
    read and print, ``review.json`` for scripts, ``workpaper.docx`` to sign, from the ``template``
    if there is one, and ``manifest.json``, which tells what they were made of. With ``source``,
    the bytes of the document, pictures of its pages and ``annotated.pdf`` too; ``tell`` is told why
    where there can be none, as for what has no pages. With ``redact``, or where a review is masked,
    what is personal on any form is masked on all of them, and no PDF written. All replace older
    ones only once they are complete.

    What a person wrote into older ones is never lost: decisions in the workbook are added to the
    log, and where there is anything else, or they are another document's, ``ink`` says what is
    done: ``stop`` raises WorkpaperError, ``keep`` writes into a folder beside it with the day in
    its name, ``replace`` backs the old ones up into such a folder first. Where a form is signed,
    the log gets the digest of the manifest. Raises WorkpaperError, or LogError where the log is not
    whole.
    """
    from auditkit.workpapers import docx, html, manifest, pdf, xlsx
    from auditkit.workpapers.ink import PAPERS, WRITING, Ink, check_since, place_for, touched

    reviews = all_given(reviews, Review, "reviews are expected, as ak.review(PATH)")
    if not reviews:
        raise ValueError("reviews are expected, as ak.review(PATH), and there are none")
    terms = reviews[0].terms
    log = log if isinstance(log, Log) else Log(log or terms.log)
    template = Path(template) if template else terms.template
    with _told(folder):
        folder = place_for(Path(folder), reviews[0].document.sha256, log, Ink(ink), tell)
        before = touched(folder)
    is_signed = any(log.signatures(about_form(r.report, r.findings)) for r in reviews)
    logged = standings(reviews, log), tuple(docx.signed(review, log) for review in reviews)
    reviews = redacted(reviews) if redact or any(one.redaction for one in reviews) else reviews
    decisions, signatures = mask.applied(logged) if (mask := reviews[0].redaction) else logged
    with _told(folder):
        book, rows = xlsx.book_and_rows(reviews, log)
        made = {
            "workpaper.xlsx": book,
            "workpaper.html": html.page(reviews, source, decisions).encode(),
            "review.json": review_file(reviews, log).encode(),
            "workpaper.docx": docx.document(reviews, decisions, signatures, template),
        }
        try:
            if source and not mask:
                made["annotated.pdf"] = pdf.annotated(source, reviews)
            elif source and tell:
                tell(Phrase.of("no annotated PDF", why=Phrase.of("would show masked")))
        except ReadError as error:
            if tell:
                tell(Phrase.of("no annotated PDF", why=error.told))
        made[manifest.NAME] = manifest.manifest(reviews, made, log, rows).encode()
        files = {Path(folder, name): data for name, data in made.items()}
        folder.mkdir(parents=True, exist_ok=True)
        check_since(folder, before)
        write_whole(files, folder / WRITING)
        for name in set(PAPERS) - set(made):  # one of an earlier run is not of this review
            Path(folder, name).unlink(missing_ok=True)
    if is_signed:
        manifest.chain(log, reviews[0].document.sha256, made[manifest.NAME])
    return tuple(files)


@contextmanager
def _told(folder: str | Path) -> Iterator[None]:
    """Say why papers cannot be written, and what to do."""
    from lxml.etree import LxmlError

    try:
        yield
    except (OSError, LxmlError) as error:  # sheets are put together in files of their own first
        is_full = not isinstance(error, OSError) or error.errno in FULL
        what = "papers-no-room" if is_full else "papers-unwritten"
        reason = refused(error) if isinstance(error, OSError) else str(error)
        raise WorkpaperError.saying(what, name=str(folder), reason=reason) from error


def standings(reviews: Sequence[Review], log: Log | None) -> tuple[tuple[Decision, Standing], ...]:
    """Return what was decided about the forms and findings of a document, where there is a log.

    A first signature is among it, though the second has taken its place.
    """
    if log is None:
        return ()
    forms = [about_form(review.report, review.findings) for review in reviews]
    stands = log.standing([*forms, *(finding for r in reviews for finding in r.findings)])
    known = {event.identity for event, _ in stands}
    first = [
        (sign, Standing.CURRENT if sign.state == form.state else Standing.STALE)
        for form in forms
        for sign in log.signatures(form).values()
        if sign.identity not in known
    ]
    return tuple(sorted((*first, *stands), key=lambda each: made_when(each[0])))
