"""A batch of the ledger's stream: everything in it counted, and what was not named by its sequence number."""

from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.books import IN_COUNTERS
from tests.builders import entry, event
from tests.fakes import COUNTERS, LEDGER, FakeAws
from tests.stack import Stack
from tollgate.records import SpendEvent

NOTHING: dict[str, Any] = {"batchItemFailures": []}


async def closed(stack: Stack, count: int = 3, **fields: Any) -> list[SpendEvent]:
    events = [event(**fields) for _ in range(count)]
    for one in events:
        await stack.ledger.close(one)
    return events


def requests_counted(aws: FakeAws) -> int:
    days = [item for item in aws.items(COUNTERS) if item["sk"]["S"].startswith("D#")]
    return sum(int(item[IN_COUNTERS["api_requests"]]["N"]) for item in days)


def failed(answer: dict[str, Any]) -> set[str]:
    return {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}


async def test_a_batch_that_was_counted_names_no_failures(stack: Stack, aws: FakeAws) -> None:
    await closed(stack)
    assert await stack.record() == NOTHING
    assert requests_counted(aws) == 3


async def test_a_batch_delivered_again_is_not_counted_again(stack: Stack, aws: FakeAws) -> None:
    await closed(stack)
    batch = aws.stream()
    for records in (batch, batch, batch[::-1], batch[1:], [*batch, *batch]):
        assert await stack.record(records) == NOTHING
    assert requests_counted(aws) == 3


async def test_the_mark_that_counting_removes_makes_a_record_the_recorder_never_sees(
    stack: Stack, aws: FakeAws
) -> None:
    await closed(stack)
    await stack.record()
    assert len(aws.stream()) == 3
    assert len(aws.stream(pending_only=False)) == 6


async def test_an_empty_batch_is_nothing_to_do(stack: Stack) -> None:
    assert await stack.record([]) == NOTHING


async def test_only_the_events_that_could_not_be_counted_are_named(stack: Stack, aws: FakeAws) -> None:
    await closed(stack, 2)
    await closed(stack, 1, model="m" * 1100)
    await closed(stack, 2)
    batch = aws.stream()
    assert failed(await stack.record(batch)) == {batch[2]["dynamodb"]["SequenceNumber"]}
    assert requests_counted(aws) == 4


async def test_a_store_that_is_away_fails_the_whole_batch(stack: Stack, aws: FakeAws) -> None:
    await closed(stack)
    aws.hang_up("TransactWriteItems", times=1000)
    batch = aws.stream()
    assert failed(await stack.record(batch)) == {r["dynamodb"]["SequenceNumber"] for r in batch}


BROKEN: list[dict[str, Any]] = [
    {},
    {"NewImage": {}},
    {"NewImage": {"state": {"S": "closed"}}},
    {"NewImage": {"request_id": {"S": "x"}, "state": {"N": "1"}}},
    {"NewImage": {"request_id": "no type"}},
    {"NewImage": {"request_id": {}}},
    {"NewImage": []},
]


@pytest.mark.parametrize("broken", BROKEN)
async def test_a_record_that_cannot_be_read_fails_alone_and_is_logged(
    stack: Stack, aws: FakeAws, log: StringIO, broken: dict[str, Any]
) -> None:
    await closed(stack)
    batch = [{"dynamodb": {"SequenceNumber": "666", **broken}}, *aws.stream()]
    assert failed(await stack.record(batch)) == {"666"}
    assert requests_counted(aws) == 3
    assert '"666"' in log.getvalue()


async def test_an_open_entry_is_no_spend_event(stack: Stack, aws: FakeAws) -> None:
    await stack.ledger.open(entry())
    (record,) = aws.stream(pending_only=False)
    assert failed(await stack.record([record])) == {record["dynamodb"]["SequenceNumber"]}
    assert aws.items(COUNTERS) == []


@given(st.data())
async def test_a_damaged_record_never_fails_the_others(data: st.DataObject) -> None:
    stack = Stack.over()
    await closed(stack, 2)
    good, bad = stack.aws.stream()
    image = dict(bad["dynamodb"]["NewImage"])
    name = data.draw(st.sampled_from(["customer", "started_at", "closed_at", "state", "cost"]))
    damage = st.sampled_from(
        [{"S": ""}, {"S": "x"}, {"N": "-1"}, {"N": "1.5"}, {"BOOL": True}, {"M": {}}, {}]
    )
    if (left := data.draw(st.none() | damage)) is None:
        del image[name]
    else:
        image[name] = left
    answer = await stack.record([good, {"dynamodb": {"SequenceNumber": "bad", "NewImage": image}}])
    assert failed(answer) <= {"bad"}
    assert "pending" not in stack.aws.items(LEDGER)[0] or "pending" not in stack.aws.items(LEDGER)[1]
