"""DynamoDB Streams' public API, as a consumer walks it."""

from dataclasses import dataclass
from typing import Any, Final, Protocol

from tollgate.storage.aws import AwsError

_GONE: Final = frozenset({"ExpiredIteratorException", "TrimmedDataAccessException"})


class StreamsApi(Protocol):
    """One operation of the API."""

    def __call__(self, operation: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Call it. Raises AwsError, AwsUnavailable."""


@dataclass(frozen=True, slots=True)
class ShardInfo:
    """A shard, and the one it was split from (which is to be read before it)."""

    shard_id: str
    parent_id: str


def stream_of(api: StreamsApi, table: str) -> str:
    """The ARN of a table's stream. Raises LookupError when it has none."""
    found = api("ListStreams", {"TableName": table})["Streams"]
    if not found:
        raise LookupError(f"table {table} has no stream")
    return str(max(found, key=lambda stream: stream["StreamLabel"])["StreamArn"])


def shards_of(api: StreamsApi, arn: str) -> list[ShardInfo]:
    """Every shard of a stream, page after page."""
    shards: list[ShardInfo] = []
    start: dict[str, Any] = {}
    while True:
        page = api("DescribeStream", {"StreamArn": arn, **start})["StreamDescription"]
        shards += [ShardInfo(one["ShardId"], one.get("ParentShardId", "")) for one in page["Shards"]]
        if not page.get("LastEvaluatedShardId"):
            return shards
        start = {"ExclusiveStartShardId": page["LastEvaluatedShardId"]}


class ShardReader:
    """Reads one shard on from a sequence number, or from a starting position where there is none."""

    def __init__(self, api: StreamsApi, arn: str, shard_id: str, *, after: str, position: str) -> None:
        self._api = api
        self._shard = {"StreamArn": arn, "ShardId": shard_id}
        self._after = after
        self._position = position
        self._iterator = ""
        self.closed = False

    def read(self) -> list[dict[str, Any]]:
        """The next records; empty when there are none yet. Raises AwsError, AwsUnavailable."""
        try:
            self._iterator = self._iterator or self._begin()
            answer = self._api("GetRecords", {"ShardIterator": self._iterator})
        except AwsError as error:
            if error.code not in _GONE:
                raise
            self._start_over(error.code)
            return []
        self._iterator = answer.get("NextShardIterator") or ""
        self.closed = not self._iterator
        records: list[dict[str, Any]] = answer["Records"]
        if records:
            self._after = records[-1]["dynamodb"]["SequenceNumber"]
        return records

    def _begin(self) -> str:
        where = {"ShardIteratorType": self._position}
        if self._after:
            where = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._after}
        return str(self._api("GetShardIterator", {**self._shard, **where})["ShardIterator"])

    def _start_over(self, code: str) -> None:
        """An iterator lives 15 minutes; a sequence number is gone with its record, or with its emulator."""
        self._iterator = ""
        if code == "TrimmedDataAccessException":
            self._after, self._position = "", "TRIM_HORIZON"
