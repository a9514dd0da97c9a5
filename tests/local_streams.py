"""A DynamoDB stream in memory, and functions and mappings to feed from it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from local.invocation import LambdaFunction
from local.parts import Function, StreamMapping
from tollgate.storage.aws import AwsError

MAPPING = StreamMapping(
    function="tollgate-Recorder",
    table="ledger",
    starting_position="TRIM_HORIZON",
    patterns=(),
    batch_size=100,
    window_seconds=0,
    reports_failures=True,
    bisects=True,
    max_retries=2,
    max_age_seconds=-1,
    on_failure_url="http://queue",
)


def record(number: int, *, age: float = 0, **image: Any) -> dict[str, Any]:
    """A stream record; numbers make sequence numbers that sort as they do."""
    written = {"SequenceNumber": f"{number:05d}", "ApproximateCreationDateTime": int(time.time() - age)}
    return {"eventName": "INSERT", "dynamodb": {**written, "NewImage": image}}


def records(*numbers: int) -> list[dict[str, Any]]:
    """Several, of now."""
    return [record(number) for number in numbers]


def numbers(batch: Sequence[Any]) -> list[int]:
    """The numbers of records, to compare."""
    return [int(one["dynamodb"]["SequenceNumber"]) for one in batch]


def failed(*which: int) -> dict[str, Any]:
    """A function's answer that asks for records again."""
    return {"batchItemFailures": [{"itemIdentifier": f"{number:05d}"} for number in which]}


def mapping(**changes: Any) -> StreamMapping:
    """A mapping like the recorder's, but for some settings."""
    return replace(MAPPING, **changes)


class FakeFunction(LambdaFunction):
    """Answers, or raises, what it is told to; remembers the batches it got."""

    def __init__(self, answer: Callable[[list[int]], Any] = lambda _: None) -> None:
        function = Function("tollgate-Recorder", "arn:recorder", "recorder.handler.handler", 3, 128)
        super().__init__(function, self._handle)
        self.answer = answer
        self.events: list[Any] = []

    @property
    def batches(self) -> list[list[int]]:
        return [numbers(event["Records"]) for event in self.events]

    def _handle(self, event: Any, _context: object) -> Any:
        self.events.append(event)
        return self.answer(numbers(event["Records"]))


@dataclass
class FakeShard:
    """Records in order; `trimmed` of them are gone; a closed one ends."""

    records: list[dict[str, Any]] = field(default_factory=list)
    parent: str = ""
    trimmed: int = 0
    closed: bool = False


class FakeStreams:
    """The Streams API over shards in memory; page by page."""

    def __init__(self, *, page: int = 1000) -> None:
        self.arn = "arn:aws:dynamodb:us-east-1:0:table/ledger/stream/1"
        self.shards = {"shard-1": FakeShard()}
        self.page = page
        self.generation = 0  # of iterators; a new one expires the old
        self.refusal: AwsError | None = None  # what reading is answered with

    def __call__(self, operation: str, payload: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self, f"_{operation}")(payload)
        return answer

    def _ListStreams(self, _: Any) -> Any:  # noqa: N802 - the API's names
        if not self.arn:
            return {"Streams": []}
        return {"Streams": [{"StreamArn": self.arn, "StreamLabel": self.arn.rpartition("/")[2]}]}

    def _DescribeStream(self, payload: Any) -> Any:  # noqa: N802
        names = list(self.shards)
        after = payload.get("ExclusiveStartShardId")
        first = names.index(after) + 1 if after else 0
        parent = self.shards[names[first]].parent
        shard = {"ShardId": names[first], **({"ParentShardId": parent} if parent else {})}
        last = {"LastEvaluatedShardId": names[first]} if first + 1 < len(names) else {}
        return {"StreamDescription": {"Shards": [shard], **last}}

    def _GetShardIterator(self, payload: Any) -> Any:  # noqa: N802
        shard = self.shards[payload["ShardId"]]
        position = shard.trimmed if payload["ShardIteratorType"] == "TRIM_HORIZON" else len(shard.records)
        if after := payload.get("SequenceNumber"):
            known = [one["dynamodb"]["SequenceNumber"] for one in shard.records[shard.trimmed :]]
            if after not in known:
                raise AwsError("TrimmedDataAccessException", "gone", {})
            position = shard.trimmed + known.index(after) + 1
        return {"ShardIterator": f"{payload['ShardId']}/{position}/{self.generation}"}

    def _GetRecords(self, payload: Any) -> Any:  # noqa: N802
        if self.refusal:
            raise self.refusal
        name, position, generation = payload["ShardIterator"].split("/")
        if int(generation) != self.generation:
            raise AwsError("ExpiredIteratorException", "too old", {})
        shard, start = self.shards[name], int(position)
        found = shard.records[start : start + self.page]
        end = start + len(found)
        if shard.closed and end == len(shard.records):
            return {"Records": found}
        return {"Records": found, "NextShardIterator": f"{name}/{end}/{self.generation}"}
