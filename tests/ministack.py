"""MiniStack as a child process, and on it the tables and the queue that template.yaml describes."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.error import URLError
from urllib.request import urlopen

import boto3
from botocore.config import Config

from local import template
from local.intrinsics import REGION
from local.provision import create_table
from tests.processes import HOST, ROOT, eventually, free_port, serving
from tests.truth import Tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

PROGRAM: Final = ROOT / ".venvs" / "ministack" / "bin" / "ministack"
MASTER_KEY: Final = "sk-of-the-tests"
_numbers: Final = count(1)


@dataclass(frozen=True, slots=True)
class Deployment:
    """Tables and a queue of their own for one test, and the variables of functions that use them."""

    url: str
    tables: Tables
    queue_url: str
    environment: Mapping[str, str]

    @property
    def dynamodb(self) -> "DynamoDBClient":
        """DynamoDB, straight to the emulator."""
        return _clients(self.url)[0]

    @property
    def sqs(self) -> "SQSClient":
        """SQS, straight to the emulator."""
        return _clients(self.url)[1]

    def streamed(self) -> list[dict[str, Any]]:
        """Every record of the ledger's stream so far, as Lambda would hand it over; unfiltered."""
        streams = _session().client("dynamodbstreams", endpoint_url=self.url, config=_PLAIN)
        arn = str(streams.list_streams(TableName=self.tables.ledger)["Streams"][0]["StreamArn"])
        records: list[Any] = []
        for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            where = {"StreamArn": arn, "ShardId": shard["ShardId"]}
            iterator = streams.get_shard_iterator(**where, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            while found := (answer := streams.get_records(ShardIterator=iterator))["Records"]:
                records += found
                iterator = answer["NextShardIterator"]
        streams.close()
        return [
            json.loads(json.dumps(record, default=lambda moment: moment.timestamp())) for record in records
        ]


@contextmanager
def ministack(folder: Path) -> Iterator[str]:
    """MiniStack's URL; its state goes with it."""
    port = free_port()
    environment = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "STATE_DIR": str(folder),
        "PERSIST_STATE": "0",
        "LOG_LEVEL": "ERROR",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }
    with serving([str(PROGRAM)], environment, folder / "ministack.log", port) as server:
        eventually(lambda: _answers(server.url), "MiniStack answers", within=30)
        yield server.url
    _clients.cache_clear()


def deploy(url: str) -> Deployment:
    """New tables and a new queue, with names of their own."""
    prefix = f"t{next(_numbers)}-"
    described = template.read(url)
    dynamodb, sqs = _clients(url)
    for table in described.tables():
        dynamodb.create_table(**create_table(replace(table, name=prefix + table.name)))
    chosen, wired = described.environment()
    wired = {name: value if "://" in value else prefix + value for name, value in wired.items()}
    queue_url = sqs.create_queue(QueueName=f"{prefix}dead-letters")["QueueUrl"]
    tables = Tables(wired["LEDGER_TABLE"], wired["COUNTERS_TABLE"], wired["CUSTOMERS_TABLE"])
    own = {
        "DEAD_LETTER_QUEUE_URL": queue_url,
        "TOLLGATE_MASTER_KEY": MASTER_KEY,
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
    }
    return Deployment(url, tables, queue_url, {**chosen, **wired, **own})


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/_ministack/health", timeout=1):  # noqa: S310 - a child of ours on loopback
            return True
    except (URLError, OSError):
        return False


_PLAIN: Final = Config(retries={"total_max_attempts": 1}, proxies={})


def _session() -> boto3.Session:
    return boto3.Session("test", "test", region_name=REGION)


@lru_cache(maxsize=4)
def _clients(url: str) -> "tuple[DynamoDBClient, SQSClient]":
    session = _session()
    return (
        session.client("dynamodb", endpoint_url=url, config=_PLAIN),
        session.client("sqs", endpoint_url=url, config=_PLAIN),
    )
