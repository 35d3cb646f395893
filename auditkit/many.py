"""Many reviews side by side: the ranking, what stands out, what repeats, and what to look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from math import comb
from pathlib import Path
from random import Random
from typing import Unpack

from auditkit.display import Shown
from auditkit.errors import AuditkitError
from auditkit.readers import SUFFIXES
from auditkit.recompute import words_of
from auditkit.reviewing import Review, Terms, review
from auditkit.workpapers import tables

LONG = 8  # shorter texts, such as 无偏差, repeat by themselves


def review_folder(
    folder: str | Path, **terms: Unpack[Terms]
) -> tuple[tuple[Review, ...], dict[str, str]]:
    """Review all files in a folder and below; return the reviews, and why which file was not read.

    ``terms`` are those of ``auditkit.review``.
    """
    reviews: list[Review] = []
    failures: dict[str, str] = {}
    for path in sorted(Path(folder).rglob("[!.]*")):
        if path.suffix.lower() in SUFFIXES and path.is_symlink():
            failures[path.name] = "a link in a folder is not followed: name it itself"
        elif path.suffix.lower() in SUFFIXES and path.is_file():
            try:
                reviews += review(path, **terms)
            except AuditkitError as error:
                failures[path.name] = str(error)
    return tuple(reviews), failures


def rank(reviews: Sequence[Review]) -> list[Review]:
    """Sort forms by risk: most errors first, then warnings, then what is to be looked at."""
    keys = ("errors", "warnings", "to be looked at")
    counts = {id(one): tables.counts(one) for one in reviews}
    return sorted(reviews, key=lambda one: [-counts[id(one)][key] for key in keys])


def show_ranking(reviews: Sequence[Review]) -> Shown:
    """Show forms in the order of their risk, with what was counted on each."""
    ranked = rank(reviews)
    rows = [(name_of(one), one.report.project, *tables.counts(one).values()) for one in ranked]
    return Shown(("form", "project", *tables.counts(reviews[0])), rows)


def show_repeats(reviews: Sequence[Review]) -> Shown:
    """Show goals and explanations that stand word for word on more than one form."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in reviews:
        goals, rows = one.report.goals, one.report.indicators
        for entry in (goals.expected, goals.actual, *(row.explanation for row in rows)):
            found[words_of(entry)].add(name_of(one))
    many = (
        (text, sorted(forms))
        for text, forms in found.items()
        if len(forms) > 1 and len(text) >= LONG
    )
    lines = [(tables.visible(text), len(forms), "; ".join(forms)) for text, forms in many]
    return Shown(("text", "forms", "which"), lines)


def figure_of_each(reviews: Sequence[Review], name: str) -> dict[str, Decimal]:
    """Return one recomputed figure of each form that has it, such as ``total score``."""
    found = ((one, [f for f in one.figures if f.name == name]) for one in reviews)
    return {name_of(one): figures[0].value for one, figures in found if figures}


def sample_size(population: int, *, share: float = 0.2, confidence: float = 0.9) -> int:
    """Return how many forms to draw so that, if a share of them is wrong, one of those is drawn.

    The least number for which that has at least this probability (discovery sampling).
    """
    right = population - round(population * share)
    sizes = range(population + 1)
    return next(
        (n for n in sizes if comb(right, n) <= (1 - confidence) * comb(population, n)), population
    )


def draw_sample(
    reviews: Sequence[Review], size: int, seed: int | None = None
) -> tuple[Review, ...]:
    """Draw forms to be checked by hand: at random by a seed, else those of the highest risk."""
    return tuple(rank(reviews)[:size] if seed is None else Random(seed).sample(reviews, size))


def name_of(one: Review) -> str:
    """Return what tells a form from the others of a run: its file, and its number in it."""
    return f"{one.document.name} #{one.report.number}"
