"""What is read back from counters and customers: the days asked for, no others, page after page."""

from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from tests.builders import KEY_ID, NOON, event
from tests.fakes import FakeAws
from tests.stack import Stack
from tollgate.records import USAGE_CLASSES
from tollgate.storage.aws import AwsError
from tollgate.storage.codec import from_item, to_item
from tollgate.storage.counter_keys import Dims, shards
from tollgate.storage.counters import Counter
from tollgate.storage.sums import SUMS, Sums, stored, sums_in

DIMS = Dims("fast", "gpt-4o-mini", "openai", "/chat/completions", KEY_ID)


async def month(stack: Stack, *, customer_id: str = "acme") -> None:
    """One call a day from 28 April to 6 May, and two models on 4 May."""
    moments = [NOON + timedelta(days=n) for n in range(-6, 3)]
    calls = [event(started_at=moment, customer_id=customer_id) for moment in moments]
    calls.append(event(started_at=NOON, customer_id=customer_id, model_group='odd "#[] name'))
    for one in calls:
        await stack.ledger.close(one)
    await stack.counting().count(calls)


@pytest.mark.parametrize("page_size", [1, 3, 1000])
@pytest.mark.parametrize("customer_id", ["", "acme", "a#D#2026-05-04#"])
async def test_a_customers_days_are_those_asked_for_both_ends_included(
    stack: Stack, aws: FakeAws, page_size: int, customer_id: str
) -> None:
    await month(stack, customer_id=customer_id)
    aws.dynamodb.page_size = page_size
    found = [c async for c in stack.counters.days_of_customer(customer_id, "2026-05-01", "2026-05-04")]
    assert [c.label for c in found] == ["2026-05-01", "2026-05-02", "2026-05-03", "2026-05-04", "2026-05-04"]
    assert {c.dims.model_group for c in found if c.dims} == {"fast", 'odd "#[] name'}
    assert found[0].dims == DIMS
    assert found[0].sums["cost"] == Decimal("0.0000045")


async def test_a_sum_is_read_back_with_all_of_its_38_digits(stack: Stack) -> None:
    amounts = [Decimal("98765432109876543.012345678901234567"), Decimal("0.000000000000000000123")]
    calls = [event(started_at=NOON, cost=amount, charge=amount) for amount in amounts]
    for one in calls:
        await stack.ledger.close(one)
        await stack.counting().count([one])
    (day,) = [c async for c in stack.counters.days_of_customer("acme", "2026-05-04", "2026-05-04")]
    assert str(day.sums["cost"]) == "98765432109876543.012345678901234567123"
    assert await stack.drift().of_day("2026-05-04") == 0


async def test_nobody_elses_days_are_among_them(stack: Stack) -> None:
    await month(stack, customer_id="acme")
    for other in ("acm", "acme ", "acme#", "ACME"):
        assert [c async for c in stack.counters.days_of_customer(other, "2026-01-01", "2026-12-31")] == []


async def test_the_totals_of_a_month_are_those_of_its_days_in_every_shard(stack: Stack) -> None:
    await month(stack)
    await month(stack, customer_id="other")
    april = [c for slot in shards() async for c in stack.counters.totals("2026-04-30", "2026-04-30", slot)]
    may = [c for slot in shards() async for c in stack.counters.totals("2026-05-01", "2026-05-04", slot)]
    assert requests(april) == {"2026-04-30": 2}
    assert requests(may) == {"2026-05-01": 2, "2026-05-02": 2, "2026-05-03": 2, "2026-05-04": 4}


async def test_leaders_are_the_customers_of_a_day_or_of_a_month(stack: Stack) -> None:
    await month(stack)
    await month(stack, customer_id="")
    for of_month, expected in (("2026-05", 7), ("2026-04", 3), ("2026-06", None)):
        found = [one for slot in shards() async for one in stack.counters.leaders(of_month, slot)]
        calls = {(month, who): sums["api_requests"] for month, who, sums in found}
        both = {(of_month, who): expected for who in ("acme", "")}
        assert calls == (both if expected else {})


def test_every_sum_has_a_name_of_its_own_in_the_table() -> None:
    sums: Sums = {name: n + 1 for n, name in enumerate(SUMS)}
    assert set(USAGE_CLASSES) < sums.keys()
    assert len(stored(sums)) == len(sums)
    assert sums_in(from_item(to_item(stored(sums)))) == sums


async def test_leaders_of_days_are_read_day_by_day_whatever_the_customer_is_called(stack: Stack) -> None:
    longest, digest = "🙂" * 256, sha256(("🙂" * 256).encode()).hexdigest()
    for name in ("acme", "", longest, digest, "2026-05-03#"):
        await month(stack, customer_id=name)
    found = [
        leader
        for slot in shards()
        async for leader in stack.counters.day_leaders("2026-05-03", "2026-05-04", slot)
    ]
    calls = {(day, who): sums["api_requests"] for day, who, sums in found}
    assert len(calls) == len(found)
    assert calls == {
        (day, name): made
        for day, made in (("2026-05-03", 1), ("2026-05-04", 2))
        for name in ("acme", "", longest, digest, "2026-05-03#")
    }
    assert sum([await stack.counters.count_leaders("2026-05-04", slot) for slot in shards()]) == 5


def requests(counters: list[Counter]) -> dict[str, int]:
    found: dict[str, int] = {}
    for counter in counters:
        found[counter.label] = found.get(counter.label, 0) + int(counter.sums["api_requests"])
    return found


@pytest.mark.parametrize("page_size", [7, 100])
async def test_many_customers_are_read_in_batches_and_what_was_left_is_asked_for_again(
    stack: Stack, aws: FakeAws, page_size: int
) -> None:
    calls = [event(customer_id=f"c{n:03}") for n in range(130)]
    for one in calls:
        await stack.ledger.close(one)
    await stack.counting().count(calls)
    aws.dynamodb.page_size = page_size
    wanted = [f"c{n:03}" for n in range(0, 260, 2)] + ["", "c000", "c000"]
    found = await stack.customers.get_many(wanted)
    assert sorted(found) == [f"c{n:03}" for n in range(0, 130, 2)]
    assert all(customer.customer_id == name for name, customer in found.items())


async def test_no_customers_at_all_are_no_question(stack: Stack, aws: FakeAws) -> None:
    assert await stack.customers.get_many(["", ""]) == {}
    assert aws.calls == []


async def test_a_table_that_is_not_there_is_named(stack: Stack, aws: FakeAws) -> None:
    del aws.dynamodb.tables["customers"]
    with pytest.raises(AwsError, match="customers"):
        await stack.customers.get("acme")
