"""Counters are the sum of the ledger, each event in them once, whatever is repeated, reordered or refused."""

import asyncio
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, localcontext
from io import StringIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.books import IN_COUNTERS
from tests.builders import KEY_ID, NOON, entry, event, request_id_at
from tests.fakes import COUNTERS, FakeAws
from tests.stack import Stack
from tests.sums_by_hand import Books, books_by_hand, books_in, closed_in, pending, shared
from tollgate.bundles import pack
from tollgate.ids import slot_of
from tollgate.records import USAGE_CLASSES, SpendEvent, Usage
from tollgate.storage.tag_names import Names, place_of

TAGS = ["prod", "a#b ✓", "other"]
NAMES = Names(
    {
        place_of(day, tag): frozenset(TAGS)
        for day in ("2026-05-03", "2026-05-04", "2026-05-05")
        for tag in TAGS
    }
)
# Sixteen digits behind the point: what a float would have lost.
money = st.decimals("0", "1000", places=16)


@st.composite
def spend_events(draw: st.DrawFn, most: int = 40) -> list[SpendEvent]:
    """Events of few customers, models, days and keys, so that many share a counter."""
    made = []
    for number in range(draw(st.integers(1, most))):
        began = NOON + timedelta(hours=draw(st.integers(-30, 30)))
        succeeded = draw(st.booleans())
        cost = draw(money)
        made.append(
            event(
                started_at=began,
                request_id=request_id_at(began, number),
                customer_id=draw(st.sampled_from(["", "acme", "zoë ✓", "#", "C#acme"])),
                model=draw(st.sampled_from(["gpt-4o", "gpt-4o-mini"])),
                key_id=draw(st.sampled_from(["k1", "k2"])),
                status="success" if succeeded else "failure",
                cost=cost,
                charge=cost * 2,
                duration_ms=draw(st.none() | st.integers(0, 5000)),
                tags=tuple(sorted(draw(st.frozensets(st.sampled_from(TAGS), max_size=2)))),
                usage=Usage(input=draw(st.integers(0, 10**6)), reasoning=draw(st.integers(0, 3))),
            )
        )
    return made


@settings(max_examples=15)
@given(spend_events())
def test_a_transaction_holds_at_most_a_hundred_items_and_every_event_stands_in_exactly_one(
    events: list[SpendEvent],
) -> None:
    bundles = pack(events)
    assert all(bundle.items <= 100 for bundle in bundles)
    packed = [closed.entry.request_id for bundle in bundles for closed in bundle.events]
    assert sorted(packed) == sorted(closed.entry.request_id for closed in events)
    for bundle in bundles:
        items = [*bundle.counters, *bundle.owners, *(c.entry.request_id for c in bundle.events)]
        assert len(set(items)) == bundle.items


@settings(max_examples=15)
@given(spend_events())
def test_the_sums_of_the_transactions_are_those_of_their_events_one_by_one(
    events: list[SpendEvent],
) -> None:
    with localcontext(prec=60):
        books: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for bundle in pack(events, NAMES):
            for key, sums in bundle.counters.items():
                for what, value in sums.items():
                    books[f"{shared(key.pk)}|{key.sk}"][what] += Decimal(value)
        assert {name: dict(sums) for name, sums in books.items()} == books_by_hand(events)


def test_calls_of_one_customer_share_their_counters_up_to_the_last_place_in_a_transaction() -> None:
    (full,) = pack([event(started_at=NOON) for _ in range(93)])
    assert full.items == 93 + 6 + 1
    assert [bundle.items for bundle in pack([event(started_at=NOON) for _ in range(94)])] == [100, 8]
    assert len(pack([event(customer_id=f"c{n}") for n in range(92)])) > 4


@settings(max_examples=15)
@given(spend_events(most=20), st.randoms(), st.data())
async def test_batches_repeated_shuffled_split_and_overlapping_give_the_same_counters(
    events: list[SpendEvent], shuffle: Any, data: st.DataObject
) -> None:
    stack = Stack.over()
    await closed_in(stack, events)
    deliveries = [*events, *data.draw(st.lists(st.sampled_from(events), max_size=30))]
    shuffle.shuffle(deliveries)
    cut = data.draw(st.integers(0, len(deliveries)))
    for batch in (deliveries[:cut], deliveries[cut:], events):
        assert await stack.counting().count(batch) == set()
    with localcontext(prec=60):
        assert books_in(stack.aws) == books_by_hand(events)
    assert pending(stack.aws) == 0


async def test_an_event_counted_before_leaves_the_rest_of_its_batch_to_be_counted(
    stack: Stack, aws: FakeAws
) -> None:
    events = [event() for _ in range(5)]
    await closed_in(stack, events)
    await stack.counting().count(events[1:3])
    assert await stack.counting().count(events) == set()
    assert books_in(aws) == books_by_hand(events)


async def test_an_event_that_is_not_in_the_ledger_is_never_counted(stack: Stack, aws: FakeAws) -> None:
    there, forged = event(), event()
    await closed_in(stack, [there])
    assert await stack.counting().count([there, forged]) == set()
    assert books_in(aws) == books_by_hand([there])


@pytest.mark.parametrize(
    "reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]
)
async def test_a_transaction_that_met_another_is_tried_again(stack: Stack, aws: FakeAws, reason: str) -> None:
    events = [event() for _ in range(3)]
    await closed_in(stack, events)
    aws.cancel("None", reason, *["None"] * 7, times=5)
    assert await stack.counting().count(events) == set()
    assert len(aws.called("TransactWriteItems")) == 6
    assert books_in(aws) == books_by_hand(events)


async def test_a_conflict_that_does_not_end_leaves_the_events_to_be_delivered_again(
    stack: Stack, aws: FakeAws
) -> None:
    events = [event() for _ in range(3)]
    await closed_in(stack, events)
    aws.cancel("TransactionConflict", *["None"] * 8, times=50)
    assert await stack.counting().count(events) == {closed.entry.request_id for closed in events}
    assert (books_in(aws), pending(aws)) == ({}, 3)


@pytest.mark.parametrize("applied", [False, True])
async def test_a_transaction_whose_answer_was_lost_is_counted_once(
    stack: Stack, aws: FakeAws, applied: bool
) -> None:
    events = [event() for _ in range(3)]
    await closed_in(stack, events)
    aws.hang_up("TransactWriteItems", applied=applied)
    assert await stack.counting().count(events) == set()
    assert books_in(aws) == books_by_hand(events)


async def test_a_store_that_is_away_leaves_everything_to_be_delivered_again(
    stack: Stack, aws: FakeAws
) -> None:
    events = [event(customer_id=f"c{n}") for n in range(40)]
    await closed_in(stack, events)
    aws.hang_up("TransactWriteItems", times=1000)
    assert len(await stack.counting().count(events)) == 40
    aws.faults.clear()
    assert await stack.counting().count(events) == set()
    assert books_in(aws) == books_by_hand(events)


def poisoned(kind: str, aws: FakeAws) -> SpendEvent:
    """An event that DynamoDB will not take: a counter's key is too long, or the counter holds no numbers."""
    if kind == "key":
        return event(model="m" * 1100)
    broken = event(model="broken")
    item = {"pk": {"S": "L#2026-05#3"}, "sk": {"S": "poison"}, IN_COUNTERS["cost"]: {"S": "much"}}
    aws.dynamodb.tables[COUNTERS].put((f"L#2026-05#{slot_of('poison')}", "poison"), item)
    return replace(broken, entry=entry(customer_id="poison", started_at=NOON))


@pytest.mark.parametrize("kind", ["key", "type"])
async def test_an_event_that_can_never_be_counted_holds_up_no_other(
    stack: Stack, aws: FakeAws, log: StringIO, kind: str
) -> None:
    bad, good = poisoned(kind, aws), [event() for _ in range(5)]
    standing = books_in_or_none(aws)
    await closed_in(stack, [bad, *good])
    assert await stack.counting().count([bad, *good]) == {bad.entry.request_id}
    counted = {name: sums for name, sums in books_in_or_none(aws).items() if name not in standing}
    assert counted == books_by_hand(good)
    assert bad.entry.request_id in log.getvalue()
    assert pending(aws) == 1


def books_in_or_none(aws: FakeAws) -> Books:
    """The counters, without one that holds no numbers."""
    table = aws.dynamodb.tables[COUNTERS]
    aside = {pk: {sk: i for sk, i in p.items() if sk != "poison"} for pk, p in table.partitions.items()}
    whole, table.partitions = table.partitions, aside
    try:
        return books_in(aws)
    finally:
        table.partitions = whole


async def test_the_longest_model_names_make_counters_that_dynamodb_takes(stack: Stack) -> None:
    worst = event(model_group='"' * 128, model='"' * 128, provider="p" * 64, key_id=KEY_ID)
    await closed_in(stack, [worst])
    assert await stack.counting().count([worst]) == set()


async def test_only_hourly_counters_expire_and_after_the_retention(stack: Stack, aws: FakeAws) -> None:
    await closed_in(stack, [closed := event(started_at=NOON + timedelta(minutes=59))])
    await stack.counting().count([closed])
    expiring = {
        item["sk"]["S"][:2]: item["expires_at"] for item in aws.items(COUNTERS) if "expires_at" in item
    }
    assert expiring == {"H#": {"N": str(int((NOON + timedelta(days=35)).timestamp()))}}


async def test_no_count_of_zero_is_written(stack: Stack, aws: FakeAws) -> None:
    await closed_in(stack, [closed := event(usage=Usage(), cost=Decimal(0), charge=Decimal(0))])
    await stack.counting().count([closed])
    assert {name for sums in books_in(aws).values() for name in sums} == {
        "api_requests",
        "successful_requests",
        "response_time_ms",
        "timed_requests",
    }


async def test_every_class_of_usage_is_counted(stack: Stack, aws: FakeAws) -> None:
    used = Usage.of({name: n + 1 for n, name in enumerate(USAGE_CLASSES)})
    await closed_in(stack, [closed := event(usage=used)])
    assert await stack.counting().count([closed]) == set()
    assert books_in(aws) == books_by_hand([closed])


async def test_two_recorders_at_once_count_each_event_once(aws: FakeAws) -> None:
    stack, beside = Stack.over(aws), Stack.over(aws)
    events = [event(customer_id=f"c{n % 7}") for n in range(120)]
    await closed_in(stack, events)
    found = await asyncio.gather(stack.counting().count(events), beside.counting().count(events[::-1]))
    assert list(found) == [set(), set()]
    assert books_in(aws) == books_by_hand(events)
