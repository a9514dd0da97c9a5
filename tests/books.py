"""The books as they stand in the tables: ledger, counters, lifetime spend; and what the provider saw.

Nothing here uses the code under test: items are read with boto3.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.request import urlopen

from boto3.dynamodb.types import TypeDeserializer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CLASSES: Final = (
    *("input", "cache_read", "cache_write_5m", "cache_write_1h", "audio_in", "image_in"),
    *("output", "reasoning", "audio_out", "image_out"),
)
# What the counters table calls the sums.
IN_COUNTERS: Final = {
    "cost": "c",
    "charge": "p",
    "input": "i",
    "cache_read": "cr",
    "cache_write_5m": "w5",
    "cache_write_1h": "w1",
    "audio_in": "ai",
    "image_in": "ii",
    "output": "o",
    "reasoning": "r",
    "audio_out": "ao",
    "image_out": "io",
    "api_requests": "n",
    "successful_requests": "s",
    "failed_requests": "f",
    "response_time_ms": "ms",
    "timed_requests": "t",
    "web_searches": "ws",
    "file_searches": "fs",
    "code_executions": "ce",
    "rerank_searches": "rs",
    "images": "im",
    "audio_seconds": "as",
    "characters": "ch",
}

Sums = dict[str, Decimal]
Books = dict[str, Sums]  # one entry per counter: what it is for, and its sums


class Tables(NamedTuple):
    """The names of the tables."""

    ledger: str
    counters: str
    customers: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One ledger item, as far as the books are concerned."""

    request_id: str
    customer: str
    day: str
    hour: str
    dims: str
    model: str
    state: str
    pending: bool
    estimated: str
    sums: Sums
    tags: frozenset[str] = frozenset()

    @property
    def usage(self) -> dict[str, int]:
        """Tokens by class, zeros left out."""
        return {name: int(self.sums[name]) for name in CLASSES if self.sums.get(name)}


def truth_rows(provider: str) -> list[dict[str, Any]]:
    """Every attempt that reached the demo provider at a base URL."""
    with urlopen(f"{provider}/truth") as answer:  # noqa: S310 - the test's own provider on loopback
        return list(json.load(answer)["calls"])


def ledger_rows(dynamodb: "DynamoDBClient", table: str) -> dict[str, LedgerRow]:
    """The ledger by request id; fails when an id stands in it twice."""
    rows = [_ledger_row(item) for item in _items(dynamodb, table)]
    found = {row.request_id: row for row in rows}
    assert len(found) == len(rows), "a request id stands in the ledger twice"
    return found


def counter_sums(dynamodb: "DynamoDBClient", table: str) -> Books:
    """Every counter: customers and totals by day and hour, tags by day, leaders by day and month; shards
    added up. Refused calls are not of the ledger.
    """
    books: Books = defaultdict(dict)
    for item in _items(dynamodb, table):
        kind, _, rest = item["pk"].partition("#")
        if kind in ("C", "T", "TH", "L", "LD", "G") and not item["sk"].startswith("R#"):
            add(books[_counter_of(kind, rest, item)], _counted(item))
    return dict(books)


def lifetime_spend(dynamodb: "DynamoDBClient", table: str) -> dict[str, Decimal]:
    """What each customer spent in its lifetime."""
    return {item["customer_id"]: item["spend"] for item in _items(dynamodb, table) if "spend" in item}


def settled(dynamodb: "DynamoDBClient", table: str, *, within: float) -> bool:
    """Wait until every entry is closed and counted, at most so many seconds."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if all(row.state == "closed" and not row.pending for row in ledger_rows(dynamodb, table).values()):
            return True
        time.sleep(0.2)
    return False


def add(sums: Sums, more: Mapping[str, Decimal]) -> None:
    """Add sums to sums."""
    for name, value in more.items():
        sums[name] = sums.get(name, Decimal(0)) + value


def _items(dynamodb: "DynamoDBClient", table: str) -> Iterable[dict[str, Any]]:
    read = TypeDeserializer().deserialize
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            yield {name: read(value) for name, value in item.items()}


def _ledger_row(item: Mapping[str, Any]) -> LedgerRow:
    started = datetime.fromisoformat(item["started_at"]).astimezone(UTC)
    dims = [item[name] for name in ("model_group", "model", "provider", "endpoint", "key_id")]
    return LedgerRow(
        request_id=item["request_id"],
        customer=item["customer"].removeprefix("C#"),
        day=item["day"],
        hour=started.strftime("%Y-%m-%dT%H"),
        dims=json.dumps(dims),
        model=item["model"],
        state=item["state"],
        pending="pending" in item,
        estimated=item.get("estimated", ""),
        sums=_sums(item) if item["state"] == "closed" else {},
        tags=frozenset(item.get("tags", ())),
    )


def _sums(item: Mapping[str, Any]) -> Sums:
    succeeded = item["status"] == "success"
    sums = {
        **{name: Decimal(count) for name, count in item.get("usage", {}).items()},
        "cost": item.get("cost", Decimal(0)),  # the ledger leaves zeros out
        "charge": item.get("charge", Decimal(0)),
        "api_requests": Decimal(1),
        "successful_requests": Decimal(succeeded),
        "failed_requests": Decimal(not succeeded),
    }
    if "duration_ms" in item:
        sums |= {"response_time_ms": item["duration_ms"], "timed_requests": Decimal(1)}
    return sums


def _counted(item: Mapping[str, Any]) -> Sums:
    return {name: item[short] for name, short in IN_COUNTERS.items() if short in item}


def _counter_of(kind: str, partition: str, item: Mapping[str, Any]) -> str:
    """The same words for a counter as for an entry, whatever shard it is in."""
    sort = item["sk"]
    if kind == "C":
        grain, period, dims = sort.split("#", 2)
        return counter_name("customer", partition, grain, period, _dims(dims))
    if kind == "T":
        day, dims = sort.split("#", 1)
        return counter_name("total", day, _dims(dims))
    if kind == "TH":
        _, hour, dims = sort.split("#", 2)
        return counter_name("hourly total", hour, _dims(dims))
    if kind == "G":
        return counter_name("tag", *sort.split("#", 1))
    if kind == "LD":
        day, customer = sort.split("#", 1)
        return counter_name("leader", day, item.get("customer", customer))
    return counter_name("leader", partition.partition("#")[0], sort.strip())


def counter_name(*parts: str) -> str:
    """What a counter is for, in the same words wherever it stands."""
    return " | ".join(parts)


def _dims(text: str) -> str:
    return json.dumps(json.loads(text))
