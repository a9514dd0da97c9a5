"""Do the books balance? The demo provider's truth, the ledger and the counters, compared digit for digit.

Nothing here uses the code under test: sums are added up again from what stands in the tables, and costs are
worked out from the providers' published prices.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any, Final

from tests.books import (
    Books,
    LedgerRow,
    Sums,
    Tables,
    add,
    counter_name,
    counter_sums,
    ledger_rows,
    lifetime_spend,
    settled,
    truth_rows,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = [
    "PUBLISHED",
    "Books",
    "LedgerRow",
    "Sums",
    "Tables",
    "assert_books_balance",
    "assert_counters_add_up",
    "assert_ledger_tells_truth",
    "counter_sums",
    "ledger_rows",
    "lifetime_spend",
    "published_cost",
    "settled",
    "truth_rows",
]

# USD per million tokens, as OpenAI publishes them (platform.openai.com/docs/pricing); reasoning is output.
PUBLISHED: Final[Mapping[str, Mapping[str, str]]] = {
    "gpt-3.5-turbo": {"input": "0.5", "output": "1.5"},
    "gpt-4o": {"input": "2.5", "cache_read": "1.25", "output": "10", "reasoning": "10"},
    "gpt-4o-mini": {"input": "0.15", "cache_read": "0.075", "output": "0.6", "reasoning": "0.6"},
    "gpt-5": {"input": "1.25", "cache_read": "0.125", "output": "10", "reasoning": "10"},
    "gpt-4o-realtime-preview": {"input": "5", "output": "20", "audio_in": "40", "audio_out": "80"},
}
_MILLION: Final = Decimal(1_000_000)


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
            add(expected[name], row.sums)
    assert counters.keys() == expected.keys()
    for name, sums in expected.items():
        assert _nonzero(counters[name]) == _nonzero(sums), name


def published_cost(model: str, usage: Mapping[str, int]) -> Decimal:
    """What the provider charges for a usage, in exact USD."""
    prices = PUBLISHED[model] if usage else {}
    return sum((Decimal(prices[name]) * count / _MILLION for name, count in usage.items()), Decimal(0))


def _counters_of(row: LedgerRow) -> list[str]:
    return [
        counter_name("customer", row.customer, "D", row.day, row.dims),
        counter_name("customer", row.customer, "H", row.hour, row.dims),
        counter_name("total", row.day, row.dims),
        counter_name("hourly total", row.hour, row.dims),
        counter_name("leader", row.day, row.customer),
        counter_name("leader", row.day[:7], row.customer),
        *(counter_name("tag", row.day, tag) for tag in row.tags),
    ]


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


def _nonzero(sums: Sums) -> Sums:
    return {name: value for name, value in sums.items() if value}
