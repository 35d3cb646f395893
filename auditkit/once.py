"""What many rules ask of the same form, worked out once for each form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

S, P, T = TypeVar("S"), ParamSpec("P"), TypeVar("T")


def once(work: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """Keep what a pure function gave for its last subject, by its further arguments.

    The subject is told by identity, since comparing two forms cell by cell takes longer than most
    of what is asked of them; the others must be hashable. An error is not kept.
    """
    kept: tuple[Any, dict[Any, T]] = (None, {})

    @wraps(work)
    def remembered(subject: S, /, *more: P.args, **named: P.kwargs) -> T:
        nonlocal kept
        last, known = kept  # one object, so that threads never see the answers of another subject
        if last is not subject:
            known = {}
            kept = (subject, known)
        asked = (more, *named.items()) if named else more
        if asked not in known:
            known[asked] = work(subject, *more, **named)
        return known[asked]

    return remembered
