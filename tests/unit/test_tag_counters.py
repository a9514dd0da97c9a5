"""Counters of tags: exact, and never more than so many a day, however many recorders count at once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.books import IN_COUNTERS
from tests.builders import NOON, event
from tests.conftest import Metrics
from tests.fakes import COUNTERS, FakeAws
from tests.stack import Stack
from tests.sums_by_hand import books_by_hand, books_in, closed_in
from tollgate.ids import SLOTS, slot_of
from tollgate.records import SpendEvent
from tollgate.storage.counter_keys import shards
from tollgate.storage.tag_names import MOST

DAY = "2026-05-04"
EACH = MOST // SLOTS


def tagged(*tags: str, **fields: Any) -> SpendEvent:
    return event(started_at=fields.pop("started_at", NOON), tags=tuple(sorted(tags)), **fields)


def of_one_slot(count: int, slot: int = 3) -> list[str]:
    """So many tags that share a part of the bound."""
    return [tag for n in range(count * SLOTS * 3) if slot_of(tag := f"tag-{n:05}") == slot][:count]


async def requests(stack: Stack, day: str = DAY) -> dict[str, int]:
    """The requests counted by tag."""
    found: dict[str, int] = {}
    for slot in shards():
        async for _, tag, sums in stack.counters.tags(day, day, slot):
            found[tag] = found.get(tag, 0) + int(sums["api_requests"])
    return found


async def test_each_tag_is_counted_under_its_name(stack: Stack, aws: FakeAws) -> None:
    events = [
        tagged("prod", "eu"),
        tagged("prod"),
        tagged(),
        tagged("prod", started_at=NOON + timedelta(days=1)),
    ]
    await closed_in(stack, events)
    assert await stack.counting().count(events) == set()
    assert books_in(aws) == books_by_hand(events)
    assert await requests(stack) == {"prod": 2, "eu": 1}
    assert await stack.drift().of_day(DAY) == 0


async def test_what_comes_too_late_is_counted_under_other_once_a_call(stack: Stack, aws: FakeAws) -> None:
    first, late = of_one_slot(EACH + 3)[:EACH], of_one_slot(EACH + 3)[EACH:]
    events = [tagged(tag) for tag in first] + [tagged(*late), tagged(first[0], late[0])]
    await closed_in(stack, events)
    for one in events:
        assert await stack.counting().count([one]) == set()
    assert await requests(stack) == {**dict.fromkeys(first, 1), first[0]: 2, "other": 2}
    assert await stack.drift().of_day(DAY) == 0


async def test_no_day_has_more_names_than_the_bound(stack: Stack) -> None:
    events = [tagged(*(f"t{n * 20 + m}" for m in range(20))) for n in range(100)]
    await closed_in(stack, events)
    await stack.counting().count(events)
    found = await requests(stack)
    assert len(found) <= MOST
    assert found["other"] > 0
    assert await stack.drift().of_day(DAY) == 0


async def test_recorders_that_count_at_once_keep_one_bound(stack: Stack) -> None:
    tags = of_one_slot(2 * EACH)
    events = [tagged(tag) for tag in tags]
    await closed_in(stack, events)
    recorders = [Stack.over(stack.aws).counting() for _ in range(4)]
    parts = [events[n::4] for n in range(4)]
    failed = await asyncio.gather(*(one.count(part) for one, part in zip(recorders, parts, strict=True)))
    assert failed == [set()] * 4
    found = await requests(stack)
    assert (len(found), found["other"]) == (EACH + 1, EACH)
    assert await stack.drift().of_day(DAY) == 0


async def test_a_warm_recorder_asks_for_no_name_twice(stack: Stack, aws: FakeAws) -> None:
    tags = of_one_slot(EACH + 1)
    await stack.tags.admit((DAY, tag) for tag in tags)
    asked = len(aws.calls)
    names = await stack.tags.admit((DAY, tag) for tag in [*tags, "tag-99999"][: EACH + 1])
    assert len(aws.calls) == asked
    assert names.shown(DAY, tags[-1]) == "other"


async def test_the_names_of_long_past_days_are_forgotten_by_the_process_not_by_the_table(
    stack: Stack, aws: FakeAws
) -> None:
    for n in range(300):
        await stack.tags.admit([(f"day-{n}", "prod")])
    assert (await stack.tags.admit([("day-0", "prod")])).shown("day-0", "prod") == "prod"
    assert len(aws.called("UpdateItem")) == 300


async def test_when_names_cannot_be_read_tagged_events_wait_and_the_rest_is_counted(
    stack: Stack, aws: FakeAws
) -> None:
    events = [tagged("prod"), tagged()]
    await closed_in(stack, events)
    aws.hang_up("GetItem", times=5)
    assert await stack.counting().count(events) == {events[0].entry.request_id}
    assert await stack.counting().count(events) == set()
    assert books_in(aws) == books_by_hand(events)


async def test_a_tag_counter_that_is_off_is_a_difference(
    stack: Stack, aws: FakeAws, metrics: Metrics
) -> None:
    events = [tagged("prod")]
    await closed_in(stack, events)
    await stack.counting().count(events)
    table = aws.dynamodb.tables[COUNTERS]
    item = next(one for one in table.items() if one["pk"]["S"].startswith("G#"))
    table.put(table.key(item), {**item, IN_COUNTERS["api_requests"]: {"N": "2"}})
    assert await stack.drift().of_day(DAY) == 1


@settings(max_examples=10)
@given(
    st.lists(st.frozensets(st.sampled_from([*of_one_slot(EACH + 4), "a", "b"]), max_size=20), max_size=25),
    st.randoms(),
)
async def test_books_balance_whatever_is_repeated_and_shuffled(
    tags: list[frozenset[str]], chance: Any
) -> None:
    stack = Stack.over()
    events = [tagged(*some) for some in tags]
    await closed_in(stack, events)
    deliveries = [*events, *events]
    chance.shuffle(deliveries)
    for start in range(0, len(deliveries), 7):
        fresh = Stack.over(stack.aws)  # a recorder that remembers nothing
        assert await fresh.counting().count(deliveries[start : start + 7]) == set()
    assert await stack.drift().of_day(DAY) == 0
    assert len(await requests(stack)) <= MOST


@pytest.mark.parametrize("tag", ["#", "2026-05-04#x", "💸" * 128])
async def test_any_text_can_be_a_tag(stack: Stack, tag: str) -> None:
    events = [tagged(tag)]
    await closed_in(stack, events)
    assert await stack.counting().count(events) == set()
    assert await requests(stack) == {tag: 1}
