"""Changes of a form of which it is known what must stay the same.

Each takes a generator of random numbers and a form and gives a ``Change``, or ``None`` where the
form has no place for it. What must hold is with ``judging.compared``: no reading that was right
before is another afterwards, no rule fails that did not fail before, and a head that nobody knows
is named. Only the readings of a renamed column may be gone, and then somebody is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random

from grammar import labels
from grammar.design import LEVELS, PROSE, Column, Form, with_another
from grammar.facts import Texts


@dataclass(frozen=True, slots=True)
class Change:
    """A changed form.

    ``head`` must be named in it; without ``keeps_fails`` a FAIL may go, and where it ``may_ask``
    a question may take its place.
    """

    form: Form
    head: str = ""
    keeps_fails: bool = True
    may_ask: bool = False


def _figure(rng: Random) -> str:
    return f"{rng.randint(1, 900) / 10:g}"


def _text(rng: Random) -> str:
    return rng.choice(("由办公室归口", "随批次移交", "见附册", "已按规定流转", "另行保存"))


def _yes_no(rng: Random) -> str:
    return rng.choice(("是", "否"))


def _date(rng: Random) -> str:
    return f"2023-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"


def _inserted(fill: Callable[[Random], str], *, may_ask: bool = True) -> Callable[..., Change]:
    """Return the change that inserts a column that nobody knows, filled with texts of a sort.

    What may be a value may make a question of a FAIL; plain text may not.
    """

    def insert(rng: Random, form: Form) -> Change:
        head = labels.nonsense(rng)
        block = rng.choice(("funds", "indicators"))
        some = list(getattr(form.design, block))
        first = 1 if block == "indicators" and form.design.is_tree else 0
        some.insert(rng.randint(first, len(some)), Column(head, f"+{head}"))
        rows: tuple[Texts, ...] = getattr(form.facts, block)
        filled = tuple({**row, f"+{head}": fill(rng)} for row in rows)
        changed = _with(form, block, some)
        facts = replace(form.facts, **{block: filled})
        return Change(replace(changed, facts=facts), head, may_ask=may_ask)

    return insert


def _with(form: Form, block: str, some: list[Column]) -> Form:
    return replace(form, design=replace(form.design, **{block: tuple(some)}))


def rename_head(rng: Random, form: Form) -> Change | None:
    """Give a column a head that nobody knows."""
    block = rng.choice(("funds", "indicators"))
    some = list(getattr(form.design, block))
    open_to = [n for n, one in enumerate(some) if not one.role.startswith("+")]
    if form.design.is_tree and block == "indicators":
        open_to = [n for n in open_to if some[n].role != "name"]
    head, at = labels.nonsense(rng), rng.choice(open_to)
    some[at] = replace(some[at], head=head)
    return Change(_with(form, block, some), head, keeps_fails=False)


def permute_columns(rng: Random, form: Form) -> Change:
    """Put the columns of the funds, or those behind the levels of indicators, in another order."""
    block = rng.choice(("funds", "indicators"))
    some = list(getattr(form.design, block))
    roles = [one.role for one in some]
    fixed = [role for role in roles if role in LEVELS]
    if "+dimension points" in roles:  # each level's points stand behind it, those of the last too
        fixed = roles[: 1 + roles.index("points")]
    first = [one for one in some if one.role in fixed]
    rest = [one for one in some if one.role not in fixed]
    rng.shuffle(rest)
    # Columns below one head stay beside each other, as on paper.
    order = list(map(_over, rest))
    rest.sort(key=lambda one: order.index(_over(one)))
    return Change(_with(form, block, [*first, *rest]))


def _over(column: Column) -> str:
    return column.group or column.head


def permute_blocks(rng: Random, form: Form) -> Change | None:
    """Put the blocks below the header in another order."""
    first, *rest = form.design.blocks
    before = list(rest)
    while rest == before:
        rng.shuffle(rest)
    return Change(replace(form, design=replace(form.design, blocks=(first, *rest))))


def second_form(rng: Random, form: Form) -> Change | None:
    """Put another form before or behind this one, or beside it where there are sheets."""
    return None if form.before or form.after else Change(with_another(rng, form))


def form_beside(rng: Random, form: Form) -> Change | None:
    """Put another form on the right or left of this one."""
    if form.before or form.after or form.design.sub_tables == "tables":
        return None
    return Change(replace(with_another(rng, form), together="beside"))


def insert_prose(rng: Random, form: Form) -> Change:
    """Put a row of prose between two blocks, or below the last."""
    text = rng.choice([one for one in PROSE if one not in dict(form.design.prose).values()])
    at = rng.randint(1, len(form.design.blocks))
    if at == len(form.design.blocks):
        return Change(replace(form, design=replace(form.design, foot=(*form.design.foot, text))))
    prose = tuple(sorted((*form.design.prose, (at, text))))
    return Change(replace(form, design=replace(form.design, prose=prose)))


def another_synonym(rng: Random, form: Form) -> Change:
    """Call one column, office or goal by another name that forms have for it."""
    block = rng.choice(("header", "goals", "funds", "indicators"))
    names = {"header": labels.HEADER, "goals": labels.GOALS, "funds": labels.FUNDS}
    known: labels.Names = names.get(block, labels.INDICATORS)
    design = form.design
    if block in ("header", "goals"):
        heads: Mapping[str, str] = getattr(design, block)
        role = rng.choice([role for role in heads if heads[role]])
        changed = {**heads, role: rng.choice([n for n in known[role] if n != heads[role]])}
        return Change(replace(form, design=replace(design, **{block: changed})), may_ask=True)
    some = list(getattr(design, block))
    at = rng.choice([n for n, one in enumerate(some) if one.role in known])
    taken = {one.head for one in some}
    some[at] = replace(
        some[at], head=rng.choice([n for n in known[some[at].role] if n not in taken])
    )
    return Change(_with(form, block, some), may_ask=True)


CHANGES: Mapping[str, Callable[[Random, Form], Change | None]] = {
    "figures inserted": _inserted(_figure),
    "text inserted": _inserted(_text, may_ask=False),
    "yes or no inserted": _inserted(_yes_no),
    "dates inserted": _inserted(_date),
    "head renamed": rename_head,
    "columns permuted": permute_columns,
    "blocks permuted": permute_blocks,
    "second form": second_form,
    "form beside": form_beside,
    "prose inserted": insert_prose,
    "another synonym": another_synonym,
}
