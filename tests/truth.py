"""Do the books balance? The demo provider's truth, the ledger and the counters, compared digit for digit.

Nothing here uses the code under test: items are read with boto3, sums are added up again, and costs are
worked out from the providers' published prices.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.request import urlopen

from boto3.dynamodb.types import TypeDeserializer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CLASSES: Final = (
    *("input", "cache_read", "cache_write_5m", "cache_write_1h", "audio_in", "image_in"),
    *("output", "reasoning", "audio_out", "image_out"),
)
# USD per million tokens, as OpenAI publishes them (platform.openai.com/docs/pricing); reasoning is output.
PUBLISHED: Final[Mapping[str, Mapping[str, str]]] = {
    "gpt-3.5-turbo": {"input": "0.5", "output": "1.5"},
    "gpt-4o": {"input": "2.5", "cache_read": "1.25", "output": "10", "reasoning": "10"},
    "gpt-4o-mini": {"input": "0.15", "cache_read": "0.075", "output": "0.6", "reasoning": "0.6"},
    "gpt-5": {"input": "1.25", "cache_read": "0.125", "output": "10", "reasoning": "10"},
    "gpt-4o-realtime-preview": {"input": "5", "output": "20", "audio_in": "40", "audio_out": "80"},
}
_MILLION: Final = Decimal(1_000_000)
_COUNTS: Final = (
    "api_requests",
    "successful_requests",
    "failed_requests",
    "response_time_ms",
    "timed_requests",
)

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
    """Every counter: customers by day and hour, totals by day, leaders by day and month; shards added up."""
    books: Books = defaultdict(dict)
    for item in _items(dynamodb, table):
        kind, _, rest = item["pk"].partition("#")
        if kind in ("C", "T", "L"):
            _add(books[_counter_name(kind, rest, item["sk"])], _counted(item))
    return dict(books)


def lifetime_spend(dynamodb: "DynamoDBClient", table: str) -> dict[str, Decimal]:
    """What each customer spent in its lifetime."""
    return {item["customer_id"]: item["spend"] for item in _items(dynamodb, table)}


def settled(dynamodb: "DynamoDBClient", table: str, *, within: float) -> bool:
    """Wait until every entry is closed and counted, at most so many seconds."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if all(row.state == "closed" and not row.pending for row in ledger_rows(dynamodb, table).values()):
            return True
        time.sleep(0.2)
    return False


def assert_books_balance(
    dynamodb: "DynamoDBClient",
    tables: Tables,
    truth: Iterable[Mapping[str, Any]],
    *,
    customers: Mapping[str, str] | None = None,
) -> dict[str, LedgerRow]:
    """Truth, ledger, counters and lifetime spend agree exactly; the ledger, for further questions.

    `customers` says, by call id, who each call was made for. Entries whose usage had to be estimated, because
    the provider did not report it, are only held against the counters.
    """
    ledger = ledger_rows(dynamodb, tables.ledger)
    with localcontext(prec=60):
        assert_ledger_tells_truth(ledger, truth)
        assert_counters_add_up(ledger, counter_sums(dynamodb, tables.counters))
        assert lifetime_spend(dynamodb, tables.customers) == _spend(ledger.values())
    for call_id, customer in (customers or {}).items():
        assert ledger[call_id].customer == customer, call_id
    return ledger


def assert_ledger_tells_truth(ledger: Mapping[str, LedgerRow], truth: Iterable[Mapping[str, Any]]) -> None:
    """Every attempt is in the ledger; usage and cost are those of the provider wherever it reported them."""
    attempts: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in truth:
        attempts[row["call_id"]].append(row)
    missing = attempts.keys() - ledger.keys()
    assert not missing, (
        f"{len(missing)} calls reached the provider and are not in the ledger: {sorted(missing)[:5]}"
    )
    for call_id, rows in attempts.items():
        entry = ledger[call_id]
        assert entry.state == "closed", call_id
        assert {row["model"] for row in rows} <= {entry.model, ""}, call_id
        if not entry.estimated:
            usage = _reported(rows)
            assert entry.usage == usage, call_id
            assert entry.sums["cost"] == published_cost(entry.model, usage), call_id


def assert_counters_add_up(ledger: Mapping[str, LedgerRow], counters: Books) -> None:
    """Each counter is the sum of its entries, and there is no counter without entries."""
    expected: Books = defaultdict(dict)
    for row in ledger.values():
        for name in _counters_of(row):
            _add(expected[name], row.sums)
    assert counters.keys() == expected.keys()
    for name, sums in expected.items():
        assert _nonzero(counters[name]) == _nonzero(sums), name


def published_cost(model: str, usage: Mapping[str, int]) -> Decimal:
    """What the provider charges for a usage, in exact USD."""
    prices = PUBLISHED[model] if usage else {}
    return sum((Decimal(prices[name]) * count / _MILLION for name, count in usage.items()), Decimal(0))


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
    return {name: item[name] for name in ("cost", "charge", *CLASSES, *_COUNTS) if name in item}


def _counter_name(kind: str, partition: str, sort: str) -> str:
    """The same words for a counter as in `_counters_of`, whatever shard it is in."""
    if kind == "C":
        grain, period, dims = sort.split("#", 2)
        return _name("customer", partition, grain, period, _dims(dims))
    if kind == "T":
        day, dims = sort.split("#", 1)
        return _name("total", day, _dims(dims))
    return _name("leader", partition.partition("#")[0], sort.strip())


def _counters_of(row: LedgerRow) -> list[str]:
    return [
        _name("customer", row.customer, "D", row.day, row.dims),
        _name("customer", row.customer, "H", row.hour, row.dims),
        _name("total", row.day, row.dims),
        _name("leader", row.day, row.customer),
        _name("leader", row.day[:7], row.customer),
    ]


def _name(*parts: str) -> str:
    return " | ".join(parts)


def _dims(text: str) -> str:
    return json.dumps(json.loads(text))


def _reported(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    usage: dict[str, int] = defaultdict(int)
    for row in rows:
        for name, count in row["usage"].items() if row["reported"] else ():
            usage[name] += count
    return {name: count for name, count in usage.items() if count}


def _spend(rows: Iterable[LedgerRow]) -> dict[str, Decimal]:
    spend: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.customer:
            spend[row.customer] += row.sums["charge"]
    return dict(spend)


def _add(sums: Sums, more: Mapping[str, Decimal]) -> None:
    for name, value in more.items():
        sums[name] = sums.get(name, Decimal(0)) + value


def _nonzero(sums: Sums) -> Sums:
    return {name: value for name, value in sums.items() if value}
