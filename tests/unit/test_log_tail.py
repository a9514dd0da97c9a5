"""The logs as they come: nothing is missed, nothing comes twice, whatever is open meanwhile."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOON, entry, event, request_id_at
from tests.fakes import FakeAws
from tests.logs import tail
from tests.stack import Stack
from tollgate.errors import NotAllowed
from tollgate.queries.question import InvalidQuery
from tollgate.records import SpendEvent


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def told(answer: Any) -> list[tuple[str, str]]:
    return [(row["session_id"], row["status"]) for row in answer["data"]]


async def test_a_call_comes_when_it_begins_and_again_when_it_is_over(stack: Stack) -> None:
    first = await tail(stack, "now", later(2))
    assert first["data"] == []
    opened = entry(started_at=later(1), session_id="a")
    await stack.ledger.open(opened)
    begun = await tail(stack, first["next_since"], later(5))
    assert told(begun) == [("a", "open")]
    assert told(await tail(stack, begun["next_since"], later(6))) == []
    await stack.ledger.close(event(entry=opened, charge=Decimal(2)))
    over = await tail(stack, begun["next_since"], later(8))
    assert told(over) == [("a", "success")]
    assert over["data"][0]["spend"] == 2
    assert told(await tail(stack, over["next_since"], later(20))) == []


async def test_what_began_just_now_is_left_for_the_next_question(stack: Stack) -> None:
    since = (await tail(stack, "now", later(2)))["next_since"]
    await stack.ledger.close(event(started_at=later(5), session_id="a"))
    soon = await tail(stack, since, later(6))
    assert told(soon) == []
    assert told(await tail(stack, soon["next_since"], later(8))) == [("a", "success")]


async def test_more_than_a_page_comes_page_after_page_oldest_first(stack: Stack) -> None:
    since = (await tail(stack, "now", later(2)))["next_since"]
    for n in range(7):
        await stack.ledger.close(event(started_at=later(1 + n), session_id=str(n)))
    found: list[str] = []
    more = True
    while more:
        answer = await tail(stack, since, later(20), page_size=3)
        found += [session for session, _ in told(answer)]
        since, more = answer["next_since"], answer["has_more"]
    assert found == [str(n) for n in range(7)]


async def test_one_customer_is_followed_through_midnight(stack: Stack) -> None:
    midnight = NOON.replace(hour=0) + timedelta(days=1)
    since = (await tail(stack, "now", midnight - timedelta(seconds=5), end_user="acme"))["next_since"]
    for n, customer in enumerate(("acme", "other", "acme")):
        began = midnight + timedelta(seconds=n - 1)
        await stack.ledger.close(event(started_at=began, customer_id=customer, session_id=str(n)))
    answer = await tail(stack, since, midnight + timedelta(seconds=10))
    assert [session for session, _ in told(answer)] == ["0", "2"]


async def test_filters_are_kept_by_the_cursor(stack: Stack) -> None:
    since = (await tail(stack, "now", later(2), status_filter="failure"))["next_since"]
    await stack.ledger.close(event(started_at=later(1), session_id="good"))
    await stack.ledger.close(event(started_at=later(1), session_id="bad", status="failure"))
    assert told(await tail(stack, since, later(9))) == [("bad", "failure")]


async def test_who_may_read_one_customer_follows_no_other(stack: Stack) -> None:
    may = frozenset({"acme"})
    since = (await tail(stack, "now", later(2)))["next_since"]
    await stack.ledger.close(event(started_at=later(1), customer_id="other"))
    assert told(await tail(stack, since, later(9), may)) == []
    with pytest.raises(NotAllowed):
        await tail(stack, "now", later(2), may, end_user="other")


@pytest.mark.parametrize("since", ["", "AAAA", "yesterday"])
async def test_a_cursor_that_is_none_is_refused(stack: Stack, since: str) -> None:
    with pytest.raises(InvalidQuery, match="cursor"):
        await tail(stack, since, NOON)


async def test_a_cursor_of_long_ago_is_refused_not_read_up(stack: Stack, aws: FakeAws) -> None:
    since = (await tail(stack, "now", NOON))["next_since"]
    aws.calls.clear()
    with pytest.raises(InvalidQuery, match="over a day old"):
        await tail(stack, since, NOON + timedelta(days=2))
    assert not aws.calls


class Call:
    """A call that begins and ends some seconds after noon."""

    def __init__(self, number: int, began: int, took: int) -> None:
        moment = later(began)
        self.opened = entry(
            started_at=moment, request_id=request_id_at(moment, number + 1), session_id=str(number)
        )
        self.began, self.ended = began, began + took


calls = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 90)), max_size=25)


def moments(polls: list[int]) -> Iterator[int]:
    now = 0
    for step in polls:
        yield (now := now + step)
    yield now + 400


@settings(max_examples=40, deadline=None)
@given(calls, st.lists(st.integers(1, 30), max_size=10), st.integers(1, 5))
async def test_each_call_comes_once_when_it_is_over(
    given_: list[tuple[int, int]], polls: list[int], size: int
) -> None:
    stack = Stack.over()
    under_way = [Call(n, *one) for n, one in enumerate(given_)]
    events = sorted(
        [(c.began, 0, c) for c in under_way] + [(c.ended, 1, c) for c in under_way], key=lambda e: e[:2]
    )
    since = (await tail(stack, "now", NOON))["next_since"]
    over: list[str] = []
    for now in moments(polls):
        while events and events[0][0] <= now:
            _, is_end, call = events.pop(0)
            closed = SpendEvent(call.opened, "success", "finished", NOON)
            await (stack.ledger.close(closed) if is_end else stack.ledger.open(call.opened))
        more = True
        while more:
            answer = await tail(stack, since, later(now), page_size=size)
            over += [session for session, status in told(answer) if status != "open"]
            since, more = answer["next_since"], answer["has_more"]
    assert sorted(over, key=int) == [str(n) for n in range(len(under_way))]
