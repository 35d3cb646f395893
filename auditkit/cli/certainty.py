"""How surely forms were read: what a command prints first of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from auditkit.wording import Phrase, language, put

if TYPE_CHECKING:
    from auditkit.report import Report

FORMS_SAID = 5  # of a file that are spoken of one by one; a book of forms is summed up


def sureness(reports: Sequence[Report]) -> list[str]:
    """Say how surely the forms of a file were read, before all else that is printed of them."""
    from auditkit.report import how_sure

    if len(reports) > FORMS_SAID:
        return [put(how_sure([one.certainty for one in reports]), language())]
    said = (Phrase.of("how sure", place=one.place, certainty=one.certainty) for one in reports)
    return list(map(str, said))
