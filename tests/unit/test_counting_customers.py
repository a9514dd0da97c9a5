"""Customers are made when first seen, with what they spent; whoever they are."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.builders import KEY_ID, NOON, event
from tests.fakes import FakeAws
from tests.stack import Stack
from tests.sums_by_hand import books_by_hand, books_in, closed_in
from tollgate.storage.customers import Customer


async def customer(stack: Stack, customer_id: str) -> Customer:
    found = await stack.customers.get(customer_id)
    assert found is not None
    return found


async def test_a_customer_is_made_when_first_seen_with_what_it_spent_since(stack: Stack) -> None:
    amounts = [Decimal("0.1"), Decimal("0.02"), Decimal("0.0000000000000003")]
    events = [event(started_at=NOON + timedelta(hours=n), charge=a) for n, a in enumerate(amounts)]
    await closed_in(stack, events)
    await stack.counting().count(events[1:2])
    await stack.counting().count(events[2:])
    found = await customer(stack, "acme")
    assert found.spend == Decimal("0.0200000000000003")
    assert (found.created_at, found.last_seen_at) == (NOON + timedelta(hours=1), NOON + timedelta(hours=2))
    assert (found.blocked, found.alias) == (False, None)


async def test_counting_leaves_what_was_set_of_a_customer_as_it_is(stack: Stack, aws: FakeAws) -> None:
    await closed_in(stack, [first := event()])
    await stack.counting().count([first])
    (item,) = aws.items("customers")
    aws.dynamodb.tables["customers"].put(
        ("acme", ""), {**item, "blocked": {"BOOL": True}, "alias": {"S": "A"}}
    )
    await closed_in(stack, [second := event()])
    await stack.counting().count([second])
    found = await customer(stack, "acme")
    assert (found.blocked, found.alias, found.spend) == (True, "A", first.charge + second.charge)
    assert found.created_at == first.entry.started_at


async def test_calls_without_a_customer_are_counted_but_make_none(stack: Stack, aws: FakeAws) -> None:
    await closed_in(stack, [nobodys := event(customer_id="")])
    await stack.counting().count([nobodys])
    assert books_in(aws) == books_by_hand([nobodys])
    assert aws.items("customers") == []
    assert await stack.customers.get("") is None


@pytest.mark.parametrize("customer_id", ["😀" * 256, "a|b#c\n", "\x00", '"[]"'])
async def test_every_customer_id_that_is_let_in_can_be_counted(
    stack: Stack, aws: FakeAws, customer_id: str
) -> None:
    await closed_in(stack, [closed := event(customer_id=customer_id, key_id=KEY_ID)])
    assert await stack.counting().count([closed]) == set()
    assert books_in(aws) == books_by_hand([closed])
