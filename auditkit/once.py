"""What many rules ask of the same form or row, worked out once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

S = TypeVar("S")
P = ParamSpec("P")
T = TypeVar("T")
MOST = 64  # subjects that are kept: the rows of a form


def once(work: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """Keep what a pure function gave for its last subjects, by its further, hashable arguments.

    A subject is told by identity, since comparing forms cell by cell takes longer than most of
    what is asked of them. An error is not kept.
    """
    kept: dict[int, tuple[S, dict[Any, T]]] = {}

    @wraps(work)
    def remembered(subject: S, /, *more: P.args, **named: P.kwargs) -> T:
        found = kept.get(id(subject))
        if found is None:  # what is kept lives on, so that no other object has its id
            if len(kept) >= MOST:
                kept.clear()
            found = kept[id(subject)] = (subject, {})
        known = found[1]
        if more not in known:
            known[more] = work(subject, *more, **named)
        return known[more]

    return remembered
