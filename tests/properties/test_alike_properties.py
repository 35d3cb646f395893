"""Texts that are nearly the same are found as surely as by holding each against each."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from auditkit.many.alike import ALIKE, alike

# Few characters, so that texts share many pairs, and changes of some, so that they share most.
words = st.text(alphabet="路桥水电学校医院,", min_size=0, max_size=40)
changes = st.lists(st.tuples(st.integers(0, 39), st.sampled_from("新建")), max_size=6)


@st.composite
def batches(draw: st.DrawFn) -> list[str]:
    texts = list[str]()
    for seed in draw(st.lists(words, max_size=6)):
        texts.append(seed)
        for change in draw(st.lists(changes, max_size=4)):
            made = list(texts[-1])
            for at, character in change:
                made[at : at + 1] = character
            texts.append("".join(made))
    return list(dict.fromkeys(draw(st.permutations(texts))))


def exactly(texts: list[str]) -> list[list[str]]:
    """Hold each text against each, and join what is alike until nothing more is to be joined."""
    pairs = [set(pairwise(text)) for text in texts]
    group = list(range(len(texts)))
    for one, own in enumerate(pairs):
        for other, its in enumerate(pairs[:one]):
            if len(own & its) >= ALIKE * len(own | its):
                joined = sorted((group[one], group[other]))
                group = [joined[0] if first == joined[1] else first for first in group]
    return [
        [text for text, of in zip(texts, group, strict=True) if of == first]
        for first in dict.fromkeys(group)
    ]


@given(batches())
def test_groups_are_those_of_holding_each_text_against_each(texts: list[str]) -> None:
    assert alike(texts) == exactly(texts)


@given(st.lists(st.text(max_size=200), max_size=12, unique=True))
def test_any_texts_are_grouped_without_losing_one(texts: list[str]) -> None:
    assert sorted(text for group in alike(texts) for text in group) == sorted(texts)


def test_thousands_of_texts_that_differ_by_a_number_are_one_group() -> None:
    texts = [
        f"完成全村主要道路硬化工程建设任务,方便村民出行和农产品外运{n}公里" for n in range(3000)
    ]
    assert alike(texts) == [texts]
