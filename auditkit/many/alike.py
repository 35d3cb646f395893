"""Texts that are nearly the same, found among many thousands without holding each against each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from zlib import crc32

ALIKE = 0.8  # share of their pairs of characters that two texts have in common
BITS = 512  # of a sketch; fewer let too many pairs of long texts pass


def alike(texts: Sequence[str]) -> list[list[str]]:
    """Group texts, each with all that are nearly the same as another of its group.

    Groups stand in the order of their first texts, and texts in the order given. Sketches tell at
    once of most texts that they differ too much; what is left is held against each other, those of
    one group only until one is alike. 20,000 texts take some seconds.

    >>> alike(["abcdefghijkl", "another text", "abcdefghijk!"])
    [['abcdefghijkl', 'abcdefghijk!'], ['another text']]
    """
    import numpy as np

    known = [frozenset(map("".join, pairwise(text))) for text in texts]
    places = np.array(sorted(range(len(texts)), key=lambda place: len(known[place])), int)
    pairs = [known[place] for place in places]
    sizes = np.array([len(own) for own in pairs], int)
    bits = np.frombuffer(b"".join(map(_sketch, pairs)), "u8").reshape(-1, BITS // 64)
    sketches = np.ascontiguousarray(bits.T)  # counts of whole rows add up fast
    group = places.copy()  # which text is the first of the group
    for number, own in enumerate(pairs):
        others = slice(np.searchsorted(sizes, ALIKE * len(own)), number)  # none is much shorter
        differ = np.bitwise_count(sketches[:, others] ^ sketches[:, number, None]).sum(0, "u2")
        most = (sizes[others] + len(own)) * (1 - ALIKE) / (1 + ALIKE)
        near = others.start + np.flatnonzero(differ < most + 1)
        while near.size:
            same = (at for at, other in enumerate(near) if _is_alike(own, pairs[other]))
            if (at := next(same, None)) is None:
                break
            joined = group[near[at]], group[number]
            group[group == max(joined)] = min(joined)
            near = near[at:][group[near[at:]] != group[number]]
    members: dict[int, list[str]] = {}
    for place, first in sorted(zip(places.tolist(), group.tolist(), strict=True)):
        members.setdefault(first, []).append(texts[place])
    return list(members.values())


def _sketch(pairs: Iterable[str]) -> bytes:
    """Return bits, of which each pair turns one over.

    Those of two texts differ in no more bits than there are pairs that only one of them has.
    """
    made = 0
    for pair in pairs:
        made ^= 1 << crc32(pair.encode()) % BITS
    return made.to_bytes(BITS // 8, "little")


def _is_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= ALIKE * len(one | other)
