"""Why spend changed: what doubles is volume, what is charged more is price, what is used instead is mix."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.usage_by_hand import money
from tollgate.queries.breakdown import Share
from tollgate.queries.compare import changes, grouped
from tollgate.queries.effects import Amount, Change, change, growth_of, total
from tollgate.queries.question import Selection, selected
from tollgate.queries.ranges import last_month
from tollgate.storage.counter_keys import Dims
from tollgate.storage.counters import Counter

Cells = dict[str, tuple[str, int]]


def share(model: str, spend: str, tokens: int) -> Share:
    dims = Dims(model, model, "openai", "/chat/completions", "k")
    return Share("acme", Counter("2026-01-01", dims, {"charge": Decimal(spend), "input": tokens}))


def shares(cells: Cells) -> list[Share]:
    return [share(model, *cell) for model, cell in cells.items()]


def effects(before: Cells, now: Cells) -> tuple[Decimal | int, ...]:
    found = total(changes(shares(before), shares(now), "tokens").values())
    return found.volume, found.mix, found.price


def test_twice_the_same_is_volume() -> None:
    before = {"mini": ("1", 1000), "big": ("10", 1000)}
    assert effects(before, {"mini": ("2", 2000), "big": ("20", 2000)}) == (11, 0, 0)


def test_the_same_at_a_higher_price_is_price() -> None:
    assert effects({"mini": ("1", 1000)}, {"mini": ("1.5", 1000)}) == (0, 0, Decimal("0.5"))


def test_a_dearer_model_instead_of_a_cheap_one_is_mix() -> None:
    before = {"mini": ("1", 1000), "big": ("10", 1000)}
    assert effects(before, {"mini": ("0.5", 500), "big": ("15", 1500)}) == (0, Decimal("4.5"), 0)


def test_a_new_model_has_no_price_to_compare_and_is_mix() -> None:
    assert effects({"mini": ("1", 1000)}, {"mini": ("1", 1000), "big": ("10", 1000)}) == (1, 9, 0)


def test_from_nothing_and_to_nothing_is_volume() -> None:
    assert effects({}, {"mini": ("1", 1000)}) == (1, 0, 0)
    assert effects({"mini": ("1", 1000)}, {}) == (-1, 0, 0)


def test_what_has_no_tokens_is_no_price_effect() -> None:
    before = {"image": ("4", 0), "mini": ("1", 1000)}
    assert effects(before, {"image": ("6", 0), "mini": ("1", 1000)}) == (0, 2, 0)


amounts = st.builds(Amount, money, st.integers(0, 10**9))


@given(amounts, amounts, st.one_of(st.none(), st.fractions(0, 100)))
def test_whatever_the_numbers_the_effects_are_the_difference(
    before: Amount, now: Amount, growth: Fraction | None
) -> None:
    found = change(before, now, growth)
    assert found.volume + found.mix + found.price == now.spend - before.spend


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=5))
def test_of_all_together_volume_is_the_growth_of_units_at_the_old_mean_price(
    cells: list[tuple[Amount, Amount]],
) -> None:
    before, now = (sum(cell[n].units for cell in cells) for n in (0, 1))
    grown = growth_of(before, now)
    found = total(change(*cell, grown) for cell in cells)
    if grown is not None:
        expected = (grown - 1) * Fraction(found.before.spend)
        assert abs(Fraction(found.volume) - expected) < Fraction(len(cells), 10**18)


def test_customers_and_models_are_sums_of_cells() -> None:
    found = changes(
        shares({"mini": ("1", 10)}), [*shares({"big": ("3", 10)}), share("mini", "2", 5)], "tokens"
    )
    by_customer, by_model = grouped(found, 0), grouped(found, 1)
    assert by_customer["acme"] == total(found.values()) == total(by_model.values())
    assert by_model["big"].now == Amount(Decimal(3), 10)
    assert Change().shown()["difference"] == 0


def test_the_same_range_of_last_month() -> None:
    for start, end, before in (
        ("2026-03-01", "2026-03-31", ("2026-02-01", "2026-02-28")),
        ("2026-02-01", "2026-02-28", ("2026-01-01", "2026-01-31")),
        ("2026-03-05", "2026-03-31", ("2026-02-05", "2026-02-28")),
        ("2026-01-10", "2026-01-20", ("2025-12-10", "2025-12-20")),
        ("2026-01-01", "2026-03-31", ("2025-12-01", "2026-02-28")),
    ):
        asked = last_month(selected(Selection(start_date=start, end_date=end)))
        assert (asked.start.isoformat(), asked.end.isoformat()) == before
