"""The archive as deployed: what is counted reaches it through Firehose, at once and again.

This emulator's Firehose has no converter: it puts rows aside as they came, where they are looked for.
"""

import base64
import json
from datetime import UTC, datetime
from typing import Any, Final

import httpx2
import pytest

from local.deploy import account
from local.event_filter import passes
from tests.e2e.running import Deployed
from tests.processes import eventually
from tollgate.archive import COLUMNS

_PATIENCE: Final = 30  # seconds


@pytest.fixture
def called(api: httpx2.Client) -> str:
    """The id of a call."""
    body = {"model": "gpt-4o", "user": "archived", "messages": [{"role": "user", "content": "Hi"}]}
    answer = api.post("v1/chat/completions", json=body | {"metadata": {"tags": ["archive"]}})
    assert answer.status_code == 200, answer.text
    return str(answer.headers["x-litellm-call-id"])


def streamed(stack: Deployed, request_id: str) -> list[dict[str, Any]]:
    """What the ledger's stream says of a call, as Lambda tells it to a function."""
    streams = account().client("dynamodbstreams", endpoint_url=stack.endpoint)
    (stream,) = streams.list_streams(TableName=stack.tables.ledger)["Streams"]
    arn, found = stream["StreamArn"], []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        begun = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        iterator: str | None = begun["ShardIterator"]
        while iterator:
            page = streams.get_records(ShardIterator=iterator)
            found += json.loads(json.dumps(page["Records"], default=datetime.timestamp))
            iterator = page.get("NextShardIterator") if page["Records"] else None
    return [record for record in found if record["dynamodb"]["Keys"]["request_id"]["S"] == request_id]


def let_through(stack: Deployed, request_id: str) -> list[dict[str, Any]]:
    """What the deployed mapping's filter leaves of that."""
    mappings = stack.functions.list_event_source_mappings(FunctionName=archiver(stack))
    (mapping,) = mappings["EventSourceMappings"]
    patterns = [json.loads(one["Pattern"]) for one in mapping["FilterCriteria"]["Filters"]]
    assert patterns
    return [record for record in streamed(stack, request_id) if passes(patterns, record)]


def archiver(stack: Deployed) -> str:
    return stack.outputs["ArchiveFunctionName"]


def archived(stack: Deployed, request_id: str) -> list[dict[str, Any]]:
    """The rows of a call in the archive."""
    s3 = account().client("s3", endpoint_url=stack.endpoint)
    bucket = stack.outputs["ArchiveBucketName"]
    rows = []
    for found in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        body = json.loads(s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read())
        rows.append(json.loads(base64.b64decode(body["rawData"])))
    return [row for row in rows if row["request_id"] == request_id]


def invoked(stack: Deployed, event: dict[str, Any]) -> Any:
    answer = stack.functions.invoke(FunctionName=archiver(stack), Payload=json.dumps(event).encode())
    return json.loads(answer["Payload"].read())


def test_a_call_is_archived_once_it_is_counted(stack: Deployed, called: str) -> None:
    """The emulator's own mapping does not understand that `pending` is absent, so its part is played here."""
    eventually(lambda: bool(let_through(stack, called)), "the stream tells of it", within=_PATIENCE)
    counted = let_through(stack, called)
    assert len(counted) == 1 < len(streamed(stack, called))
    assert invoked(stack, {"Records": counted}) == {"batchItemFailures": []}
    eventually(lambda: bool(archived(stack, called)), "the archive has the call", within=_PATIENCE)
    (row,) = archived(stack, called)
    assert row.keys() == {*COLUMNS, "day"}
    assert (row["customer_id"], row["tags"]) == ("archived", ["archive"])


def test_a_day_is_archived_by_hand(stack: Deployed, called: str) -> None:
    eventually(lambda: bool(let_through(stack, called)), "the call is counted", within=_PATIENCE)
    report = invoked(stack, {"day": datetime.now(UTC).date().isoformat()})
    assert report["archived"] > 0
    assert report["failed"] == 0
    eventually(lambda: bool(archived(stack, called)), "the archive has the call", within=_PATIENCE)
