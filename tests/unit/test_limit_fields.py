"""Limits as a body names them: money with every digit, changes of what is named only, faults by field."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.builders import NOON
from tollgate.limits import Cap, Limits, ModelLimit, dump_limits, load_limits
from tollgate.management.limit_fields import LimitFields
from tollgate.money import dumps, loads
from tollgate.queries.budget_table import Clock, budget_table

UTC_NOON = Clock(NOON, "UTC")
amounts = st.decimals(min_value=0, max_value=10**12, places=12, allow_nan=False, allow_infinity=False)


def named(**fields: Any) -> LimitFields:
    """Fields as a body names them: they have been JSON."""
    return LimitFields.model_validate(loads(dumps(fields)))


def faults(body: str) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        LimitFields.model_validate(loads(body))
    return [(".".join(map(str, fault["loc"])), fault["msg"]) for fault in caught.value.errors()]


@given(amounts, st.sampled_from(["number", "text"]))
def test_money_keeps_every_digit_from_body_to_store_to_answer(amount: Decimal, form: str) -> None:
    limits = named(max_budget=amount if form == "number" else str(amount)).changed(None)
    assert limits is not None
    stored = load_limits(dump_limits(limits))
    shown = loads(dumps(budget_table(None, stored, NOON, UTC_NOON)))
    assert shown["max_budget"] == amount


@given(
    st.builds(
        Limits,
        max_budget=st.none() | amounts,
        budget_duration=st.sampled_from(["", "1d", "30d", "weekly"]),
        budget_limits=st.lists(st.builds(Cap, amounts, st.just("1h")), max_size=3).map(tuple),
        rpm_limit=st.none() | st.integers(0, 10**12),
        model_max_budget=st.dictionaries(
            st.sampled_from(["gpt-4*", "o1"]), st.builds(ModelLimit, max_budget=amounts), max_size=2
        ),
        temp_budget_expiry=st.none() | st.just(datetime(2026, 6, 1, tzinfo=UTC)),
        mode=st.sampled_from(["strict", "observe"]),
    )
)
def test_what_is_shown_can_be_sent_back(limits: Limits) -> None:
    shown = dumps(budget_table(None, limits, NOON, UTC_NOON))
    assert (LimitFields.model_validate(loads(shown)).changed(None) or Limits()) == limits


@pytest.mark.parametrize("text", ["0", "0.10", "1e2", " 5 "])
def test_money_may_be_a_text(text: str) -> None:
    limits = named(max_budget=text).changed(None)
    assert limits == Limits(max_budget=Decimal(text))


@pytest.mark.parametrize(
    "value",
    ["-1.0", "true", '"NaN"', '"Infinity"', '"-0.01"', '"ten"', '""', "[]", "{}", '"1_000"', '"\u0661"'],
)
def test_money_that_is_none_is_refused(value: str) -> None:
    ((field, told),) = faults(f'{{"soft_budget": {value}}}')
    assert field == "soft_budget"
    assert told.startswith("soft_budget must be a non-negative finite number. Received: ")


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("1000000000001", "must be at most 1000000000000"),
        ("1e999999999", "must be at most 1000000000000"),
        ("0.0000000000001", "must have at most 12 decimals"),
        ('"1.0000000000000000000000000000000001"', "must have at most 12 decimals"),
        ("1e-999999999", "must have at most 12 decimals"),
    ],
)
def test_money_out_of_bounds_is_refused(value: str, rule: str) -> None:
    ((field, told),) = faults(f'{{"max_budget": {value}}}')
    assert (field, told.partition(". ")[0]) == ("max_budget", f"max_budget {rule}")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"rpm_limit": true}', "rpm_limit"),
        ('{"tpm_limit": -1}', "tpm_limit"),
        ('{"max_parallel_requests": 1.5}', "max_parallel_requests"),
        ('{"tpd_limit": 1e13}', "tpd_limit"),
        ('{"budget_duration": "fortnight"}', "budget_duration"),
        ('{"budget_duration": 30}', "budget_duration"),
        ('{"budget_limits": [{"budget_duration": "1d"}]}', "budget_limits.0.max_budget"),
        ('{"budget_limits": [{"max_budget": null}]}', "budget_limits.0.max_budget"),
        ('{"model_max_budget": {"gpt 4": {}}}', "model_max_budget.gpt 4.[key]"),
        ('{"model_max_budget": {"a,b": {}}}', "model_max_budget.a,b.[key]"),
        ('{"model_max_budget": {"o1": {"max_budget": -1}}}', "model_max_budget.o1.max_budget"),
        ('{"budget_duration": "14286w"}', "budget_duration"),
        ('{"temp_budget_expiry": "soon"}', "temp_budget_expiry"),
        ('{"temp_budget_expiry": "0001-01-01T00:00:00+23:00"}', "temp_budget_expiry"),
        ('{"temp_budget_expiry": "9999-12-31T23:59:59-23:00"}', "temp_budget_expiry"),
        ('{"mode": "lenient"}', "mode"),
    ],
)
def test_a_fault_is_told_by_its_field(body: str, field: str) -> None:
    assert [where for where, _ in faults(body)] == [field]


def test_only_what_is_named_changes() -> None:
    before = Limits(max_budget=Decimal(5), budget_duration="1d", rpm_limit=10, mode="observe")
    assert named().changed(before) == before
    assert named(rpm_limit=0).changed(before) == Limits(
        max_budget=Decimal(5), budget_duration="1d", rpm_limit=0, mode="observe"
    )
    assert named(budget_duration=None, mode=None).changed(before) == Limits(
        max_budget=Decimal(5), rpm_limit=10
    )


def test_clearing_everything_leaves_none() -> None:
    cleared = named(max_budget=None, budget_limits=None, model_max_budget=None, budget_duration=None)
    assert not cleared.sets_any
    assert cleared.changed(Limits(max_budget=Decimal(5), budget_duration="1d")) is None
    assert named(max_budget=0).sets_any


@pytest.mark.parametrize(
    ("duration", "end"),
    [
        ("30d", "2026-06-01T00:00:00.000Z"),
        ("1mo", "2026-06-01T00:00:00.000Z"),
        ("weekly", "2026-05-11T00:00:00.000Z"),
        ("10d", "2026-05-14T00:00:00.000Z"),
        (None, None),
    ],
)
def test_a_duration_is_shown_as_it_was_sent_with_the_end_of_its_window(
    duration: str | None, end: str | None
) -> None:
    limits = named(max_budget=1, budget_duration=duration).changed(None)
    assert limits is not None
    shown = budget_table(None, limits, NOON, UTC_NOON)
    assert (shown["budget_duration"], shown["budget_reset_at"]) == (duration, end)


def test_two_names_of_one_duration_are_one_window_of_the_lower_cap() -> None:
    limits = named(
        max_budget=5, budget_duration="30d", budget_limits=[{"max_budget": 3, "budget_duration": "1mo"}]
    ).changed(None)
    assert limits is not None
    assert limits.caps(NOON) == {"1mo": Decimal(3)}
