"""What a mapping's on-failure queue is told of records that were given up: where they stand in the stream.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from local.delivery import Batch, Condition, Record, created, sequence
from tollgate.money import dumps
from tollgate.runtime import run, services

Sender = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where records came from and went to."""

    function_arn: str
    stream_arn: str
    shard_id: str


def report(batch: Batch, condition: Condition, origin: Origin) -> dict[str, Any]:
    """The message: no records, only where to find them."""
    response = {"statusCode": 200, "executedVersion": "$LATEST"}
    return {
        "requestContext": {
            "requestId": str(uuid4()),
            "functionArn": origin.function_arn,
            "condition": condition,
            "approximateInvokeCount": batch.calls,
        },
        "responseContext": {**response, "functionError": "Unhandled"} if batch.error else response,
        "version": "1.0",
        "timestamp": _text(datetime.now(UTC), "milliseconds"),
        "DDBStreamBatchInfo": {
            "shardId": origin.shard_id,
            "startSequenceNumber": sequence(batch.records[0]),
            "endSequenceNumber": sequence(batch.records[-1]),
            "approximateArrivalOfFirstRecord": _arrival(batch.records[0]),
            "approximateArrivalOfLastRecord": _arrival(batch.records[-1]),
            "batchSize": len(batch.records),
            "streamArn": origin.stream_arn,
        },
    }


def send(url: str, message: dict[str, Any]) -> None:
    """Send a message to a queue. Raises AwsError, AwsUnavailable."""
    run(_send(url, message))


async def _send(url: str, message: dict[str, Any]) -> None:
    payload = {"QueueUrl": url, "MessageBody": dumps(message).decode()}
    await services().dead_letters.call("SendMessage", payload)


def _arrival(record: Record) -> str:
    return _text(datetime.fromtimestamp(created(record), UTC), "seconds")


def _text(moment: datetime, precision: str) -> str:
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")
