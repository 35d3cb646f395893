"""Draws that anybody can repeat."""

from __future__ import annotations

import hashlib
import json
import math
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.errors import QueryError
from auditkit.many.sampling import METHODS, Draw, Item, draw, draws_in, items_of, told_by
from auditkit.many.sizing import size_for
from auditkit.wording import put

ITEMS = [
    Item(f"p{n}", Decimal(n * n), ("水利局", "教育局", "民政局")[n % 3 if n < 90 else 2], n % 5)
    for n in range(100)
]


def test_a_draw_is_the_order_of_digests_and_nothing_else() -> None:
    by_hand = sorted(
        (item.key for item in ITEMS),
        key=lambda key: hashlib.sha256(f"2024/{key}".encode()).digest(),
    )
    drawn = draw(ITEMS, "random", 10, "2024")
    assert list(drawn.keys) == by_hand[:10]
    assert drawn == draw(ITEMS[::-1], "random", 10, "2024")
    assert drawn.keys != draw(ITEMS, "random", 10, "2025").keys


def test_each_stratum_has_its_share_and_at_least_one() -> None:
    drawn = draw(ITEMS, "stratified", 20, "s", [Decimal(2500)])
    assert len(drawn.keys) == 20
    departments = {item.key: item.department for item in ITEMS}
    assert {departments[key] for key in drawn.keys} == {"水利局", "教育局", "民政局"}
    assert all(" of " in put(reason, "en") for reason in drawn.why)
    few = [*ITEMS, Item("alone", Decimal(1), "林业局")]
    assert "alone" in draw(few, "stratified", 10, "s", []).keys


def test_the_highest_risks_are_drawn_first() -> None:
    drawn = draw(ITEMS, "risk", 25, "s")
    risks = {item.key: item.risk for item in ITEMS}
    assert [risks[key] for key in drawn.keys] == [4] * 20 + [3] * 5


@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=40).filter(any),
    st.integers(1, 15),
    st.text(max_size=5),
)
def test_every_interval_of_money_is_drawn_from(amounts: list[int], size: int, seed: str) -> None:
    items = [Item(f"p{n:02}", Decimal(amount)) for n, amount in enumerate(amounts)]
    drawn = draw(items, "money", size, seed)
    step = Decimal(sum(amounts)) / size
    chosen = {item.key: item for item in items}
    assert all(item.key in drawn.keys for item in items if item.amount > step)
    assert 1 <= len(drawn.keys) <= size
    assert all(chosen[key].amount > 0 for key in drawn.keys)


@pytest.mark.parametrize(
    ("population", "rate", "size"),
    [(10**9, "0.05", 59), (300, "0.05", 54), (24, "0.05", 19), (10, "0.05", 10), (14, "0.2", 9)],
)
def test_as_many_are_drawn_as_the_chances_of_missing_all_wrong_ones_ask(
    population: int, rate: str, size: int
) -> None:
    def missed(drawn: int) -> Fraction:
        right = population - math.ceil(Decimal(rate) * population)
        shares = (Fraction(right - n, population - n) for n in range(drawn))
        return math.prod(shares, start=Fraction(1))

    assert size_for(population, Decimal(rate))[0] == size
    assert missed(size) <= Fraction(1, 20) < missed(size - 1)
    with pytest.raises(ValueError, match="confidence is one of"):
        size_for(100, Decimal("0.05"), 77)


def test_only_a_draw_by_chance_tells_of_all_forms() -> None:
    told = {how: put(size_for(300, "0.05", method=how)[1], "en") for how in METHODS}
    of_all = "one may say with 95% confidence that fewer than 5.0% of all are"
    assert [how for how, says in told.items() if of_all in says] == ["random"]
    assert "fewer than 5.0% of the amount" in told["money"]
    assert "nothing of the rest" in told["risk"]
    assert "nothing of all forms together" in told["stratified"]
    assert "nothing is estimated" in put(size_for(10, "0.05", method="risk")[1], "en")


def test_what_a_draw_by_money_can_never_take_is_named() -> None:
    items = [*ITEMS, Item("blank"), Item("returned", Decimal(-5))]
    assert draw(items, "money", 10, "s").left_out == ("blank", "p0", "returned")
    assert draw(items, "random", 10, "s").left_out == ()


def test_a_form_that_several_files_hold_is_drawn_as_one() -> None:
    with duckdb.connect() as tables:
        tables.execute(
            """CREATE TABLE reports AS SELECT * FROM (VALUES
              ('a.pdf', 1, 'x', 10.00), ('b.xlsx', 1, 'x', 10.00), ('b.xlsx', 2, '', 5.00),
              ('c.pdf', 1, '', 7.00)) t(file, form, identity, adjusted_budget);
            ALTER TABLE reports ADD COLUMN initial_budget DECIMAL(9, 2);
            ALTER TABLE reports ADD COLUMN department TEXT;
            ALTER TABLE reports ADD COLUMN currency_unit TEXT DEFAULT '元';
            CREATE TABLE findings(file TEXT, form INT, outcome TEXT, severity TEXT, suppressed TEXT)
            """
        )

        def ask(sql: str) -> list[dict[str, object]]:
            asked = tables.execute(sql)
            heads = [head[0] for head in asked.description or ()]
            return [dict(zip(heads, row, strict=True)) for row in asked.fetchall()]

        items, notes = items_of(ask)
    held = {item.key: str(item.amount) for item in items}
    assert held == {"a.pdf #1": "10.00", "b.xlsx #2": "5.00", "c.pdf #1": "7.00"}
    assert [put(note, "en") for note in notes] == [
        "forms that stand in an earlier file, too, and are counted there alone: 1"
    ]


@pytest.mark.parametrize("method", METHODS)
def test_where_there_is_nothing_to_draw_from_that_is_said(method: str) -> None:
    with pytest.raises(ValueError, match="there is no form to draw from"):
        draw([], method, 3, "s")
    with pytest.raises(ValueError, match="there is no form to draw from"):
        size_for(0, "0.05", method=method)
    with pytest.raises(ValueError, match="no form has an amount above nought"):
        draw([Item("a"), Item("b", Decimal(-1))], "money", 3, "s")


def test_draws_are_numbered_and_each_names_the_one_before_it(tmp_path: Path) -> None:
    (tmp_path / "draw.json").write_text("{}", encoding="utf-8")  # as an earlier version wrote it
    paths = [draw(ITEMS, "random", 3, seed).keep(tmp_path) for seed in ("a", "b", "b")]
    assert [path.name for path in paths] == ["draw-1.json", "draw-2.json", "draw-3.json"]
    assert list(draws_in(tmp_path)) == [0, 1, 2, 3]
    records = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    assert [record["draw"] for record in records] == [1, 2, 3]
    before = [tmp_path / "draw.json", *paths]
    for record, path in zip(records, before, strict=False):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert record["before"] == {"name": path.name, "sha256": digest}
    assert records[1]["keys"] == records[2]["keys"] != records[0]["keys"]


def test_draws_that_are_made_at_once_each_get_a_number(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        seeds = map(str, range(40))
        paths = set(pool.map(lambda seed: draw(ITEMS, "random", 3, seed).keep(tmp_path), seeds))
    assert len(paths) == 40
    assert sorted(draws_in(tmp_path)) == list(range(1, 41))


def test_no_draw_is_written_over(tmp_path: Path) -> None:
    drawn, path = draw(ITEMS, "random", 3, "a"), tmp_path / "draw.json"
    drawn.write(path)
    held = path.read_bytes()
    with pytest.raises(QueryError, match=r"draw\.json: there is a file.*another file"):
        draw(ITEMS, "random", 3, "b").write(path)
    assert path.read_bytes() == held


def test_a_record_holds_what_the_draw_hangs_on(tmp_path: Path) -> None:
    drawn = draw(ITEMS, "random", 3, "2024")
    drawn.write(tmp_path / "draw.json")
    record = json.loads((tmp_path / "draw.json").read_text(encoding="utf-8"))
    again = {**record, "amount": Decimal(record["amount"])}
    assert record["why"] == ["by chance"] * 3
    assert record["reasoning"].startswith("as many as asked for")
    assert told_by(record) == drawn.sized
    again |= {"keys": tuple(record["keys"]), "why": drawn.why, "notes": drawn.notes}
    again |= {"left_out": (), "sized": drawn.sized}
    del again["reasoning"]
    assert Draw(**again) == drawn
    assert drawn.digest != draw(ITEMS[1:], "random", 3, "2024").digest
    with pytest.raises(ValueError, match="key of its own"):
        draw([*ITEMS, ITEMS[0]], "random", 3, "s")
