"""A stream feeding a function: read, filtered, gathered, delivered, and gone on with after a death."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.delivery import Stopped
from local.event_source import EventSource, World
from local.gathering import Gathering
from local.parts import StreamMapping
from tests.local_streams import (
    FakeFunction,
    FakeShard,
    FakeStreams,
    failed,
    mapping,
    numbers,
    record,
    records,
)
from tollgate.storage.aws import AwsError

Make = Callable[..., EventSource]


@pytest.fixture
def streams() -> FakeStreams:
    return FakeStreams()


@pytest.fixture
def function() -> FakeFunction:
    return FakeFunction()


@pytest.fixture
def sent() -> list[tuple[str, dict[str, Any]]]:
    return []


@pytest.fixture
def make(
    streams: FakeStreams, function: FakeFunction, sent: list[tuple[str, dict[str, Any]]], tmp_path: Path
) -> Make:
    """An event source as a new gateway makes it; its checkpoints are those of the one before."""

    def stopping(_: float) -> None:
        raise Stopped

    def build(of: StreamMapping | None = None) -> EventSource:
        world = World(streams, lambda url, message: sent.append((url, message)), stopping)
        return EventSource(of or mapping(), function, world, tmp_path)

    return build


def test_what_is_written_is_delivered_once(streams: FakeStreams, function: FakeFunction, make: Make) -> None:
    source = make()
    streams.shards["shard-1"].records += records(1, 2)
    assert source.poll() == 2
    assert source.poll() == 0
    streams.shards["shard-1"].records += records(3)
    source.poll()
    assert function.batches == [[1, 2], [3]]


def test_the_event_is_what_lambda_sends(streams: FakeStreams, function: FakeFunction, make: Make) -> None:
    streams.shards["shard-1"].records += records(1)
    make().poll()
    (one,) = function.events[0]["Records"]
    assert one["eventSourceARN"] == streams.arn
    assert one["dynamodb"]["SequenceNumber"] == "00001"


def test_a_new_gateway_goes_on_after_the_last_batch(
    streams: FakeStreams, function: FakeFunction, make: Make
) -> None:
    streams.shards["shard-1"].records += records(1, 2)
    make().poll()
    streams.shards["shard-1"].records += records(3)
    make().poll()
    assert function.batches == [[1, 2], [3]]


def test_a_batch_that_was_not_finished_comes_again(
    streams: FakeStreams, function: FakeFunction, make: Make
) -> None:
    streams.shards["shard-1"].records += records(1, 2)
    function.answer = lambda _: failed(2)
    with pytest.raises(Stopped):
        make().poll()
    function.answer = lambda _: None
    make().poll()
    assert function.batches == [[1, 2], [2], [2]]


def test_an_emulator_that_lost_its_stream_is_read_from_the_start(
    streams: FakeStreams, function: FakeFunction, make: Make
) -> None:
    streams.shards["shard-1"].records += records(1, 2)
    make().poll()
    streams.shards["shard-1"] = FakeShard(records(7))
    source = make()
    source.poll()
    source.poll()
    assert function.batches == [[1, 2], [7]]


def test_a_stream_made_anew_has_no_checkpoint(
    streams: FakeStreams, function: FakeFunction, make: Make
) -> None:
    streams.shards["shard-1"].records += records(1)
    make().poll()
    streams.arn = streams.arn.replace("stream/1", "stream/2")
    make().poll()
    assert function.batches == [[1], [1]]


def test_an_expired_iterator_is_asked_for_again(
    streams: FakeStreams, function: FakeFunction, make: Make
) -> None:
    source = make()
    streams.shards["shard-1"].records += records(1)
    source.poll()
    streams.generation += 1
    streams.shards["shard-1"].records += records(2)
    source.poll()
    source.poll()
    assert function.batches == [[1], [2]]


def test_any_other_refusal_is_the_callers(streams: FakeStreams, make: Make) -> None:
    streams.refusal = AwsError("AccessDeniedException", "no", {})
    with pytest.raises(AwsError):
        make().poll()


def test_latest_skips_what_was_there(streams: FakeStreams, function: FakeFunction, make: Make) -> None:
    streams.shards["shard-1"].records += records(1)
    source = make(mapping(starting_position="LATEST"))
    source.poll()
    streams.shards["shard-1"].records += records(2)
    source.poll()
    assert function.batches == [[2]]


def test_only_what_the_filter_passes_is_delivered_and_the_rest_is_not_read_again(
    streams: FakeStreams, function: FakeFunction, make: Make
) -> None:
    pending = mapping(patterns=({"dynamodb": {"NewImage": {"pending": {"N": [{"exists": True}]}}}},))
    streams.shards["shard-1"].records += [record(1), record(2, pending={"N": "1"}), record(3)]
    make(pending).poll()
    assert function.batches == [[2]]
    assert make(pending).poll() == 0


def test_batches_are_no_larger_than_they_may_be(
    streams: FakeStreams, function: FakeFunction, make: Make
) -> None:
    streams.shards["shard-1"].records += records(1, 2, 3, 4, 5)
    make(mapping(batch_size=2)).poll()
    assert function.batches == [[1, 2], [3, 4], [5]]


def test_records_wait_for_the_window_unless_flushed(
    streams: FakeStreams, function: FakeFunction, make: Make
) -> None:
    source = make(mapping(window_seconds=60))
    streams.shards["shard-1"].records += records(1)
    source.poll()
    assert function.batches == []
    assert source.is_gathering
    source.poll(flush=True)
    assert function.batches == [[1]]
    assert not source.is_gathering


def test_a_record_that_waited_when_the_gateway_died_comes_again(
    streams: FakeStreams, function: FakeFunction, make: Make
) -> None:
    streams.shards["shard-1"].records += records(1)
    make(mapping(window_seconds=60)).poll()
    make().poll()
    assert function.batches == [[1]]


def test_a_window_ends_by_time_or_by_a_full_batch() -> None:
    clock = [0.0]
    gathering = Gathering(mapping(window_seconds=5, batch_size=3), now=lambda: clock[0])
    gathering.add(records(1, 2))
    assert gathering.due() == []
    gathering.add(records(3, 4))
    assert numbers(gathering.due()) == [1, 2, 3]
    assert gathering.due() == []
    clock[0] = 5.0
    assert numbers(gathering.due()) == [4]
    assert gathering.is_empty


def test_children_of_a_split_shard_are_read_after_it(
    streams: FakeStreams, function: FakeFunction, make: Make
) -> None:
    source = make()
    streams.shards["shard-1"].records += records(1)
    streams.shards["shard-2"] = FakeShard(records(2), parent="shard-1")
    source.poll()
    source.poll()
    assert function.batches == [[1]]
    streams.shards["shard-1"].closed = True
    source.poll()
    source.poll()
    assert function.batches == [[1], [2]]
    streams.shards["shard-2"].records += records(3)
    make().poll()
    assert function.batches == [[1], [2], [3]]


def test_a_table_without_a_stream_is_told(streams: FakeStreams, make: Make) -> None:
    streams.arn = ""
    with pytest.raises(LookupError, match="ledger"):
        make().poll()


def test_the_queue_is_told_where_the_given_up_records_are(
    streams: FakeStreams, function: FakeFunction, sent: list[tuple[str, dict[str, Any]]], make: Make
) -> None:
    def raising(_: list[int]) -> None:
        raise RuntimeError("no")

    function.answer = raising
    streams.shards["shard-1"].records += records(8, 9)
    make(mapping(max_retries=0, bisects=False)).poll()
    ((url, message),) = sent
    assert url == "http://queue"
    assert message["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert message["requestContext"]["functionArn"] == "arn:recorder"
    assert message["requestContext"]["approximateInvokeCount"] == 1
    assert message["responseContext"]["functionError"] == "Unhandled"
    where = message["DDBStreamBatchInfo"]
    assert (where["startSequenceNumber"], where["endSequenceNumber"]) == ("00008", "00009")
    assert (where["batchSize"], where["shardId"], where["streamArn"]) == (2, "shard-1", streams.arn)
    assert where["approximateArrivalOfFirstRecord"].endswith("Z")


def test_what_is_given_up_is_not_read_again(
    streams: FakeStreams, function: FakeFunction, sent: list[tuple[str, dict[str, Any]]], make: Make
) -> None:
    function.answer = lambda _: failed(1)
    streams.shards["shard-1"].records += records(1)
    make(mapping(max_retries=0)).poll()
    assert make().poll() == 0
    assert "functionError" not in sent[0][1]["responseContext"]
