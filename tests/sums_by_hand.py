"""Every counter there should be and every counter there is, in the simplest words there are for them."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC
from decimal import Decimal
from typing import Final

from tests.books import IN_COUNTERS
from tests.fakes import COUNTERS, LEDGER, FakeAws
from tests.stack import Stack
from tollgate.records import SpendEvent

Books = dict[str, dict[str, Decimal]]
_SUMS: Final = {short: name for name, short in IN_COUNTERS.items()}


def sums_by_hand(closed: SpendEvent) -> dict[str, Decimal]:
    found = {
        "cost": closed.cost,
        "charge": closed.charge,
        **{name: Decimal(count) for name, count in asdict(closed.usage).items()},
        "api_requests": Decimal(1),
        f"{'successful' if closed.status == 'success' else 'failed'}_requests": Decimal(1),
    }
    if closed.duration_ms is not None:
        found |= {"response_time_ms": Decimal(closed.duration_ms), "timed_requests": Decimal(1)}
    return {name: value for name, value in found.items() if value}


def books_by_hand(events: Iterable[SpendEvent]) -> Books:
    """Every counter there should be, its write shards added up: DESIGN section 3 in the simplest words."""
    books: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for closed in events:
        e = closed.entry
        dims = json.dumps([e.model_group, e.model, e.provider, e.endpoint, e.key_id], separators=(",", ":"))
        hour = e.started_at.astimezone(UTC).strftime("%Y-%m-%dT%H")
        for name in (
            f"C#{e.customer_id}|D#{e.day}#{dims}",
            f"C#{e.customer_id}|H#{hour}#{dims}",
            f"T|{e.day}#{dims}",
            f"T|H#{hour}#{dims}",
            f"LD|{e.day}#{e.customer_id}",
            f"L#{e.day[:7]}|{e.customer_id or ' '}",
            *(f"G|{e.day}#{tag}" for tag in e.tags),
        ):
            for what, value in sums_by_hand(closed).items():
                books[name][what] += value
    return {name: dict(sums) for name, sums in books.items()}


def books_in(aws: FakeAws) -> Books:
    """Every counter there is, its write shards added up."""
    books: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for item in aws.items(COUNTERS):
        pk, sk = item["pk"]["S"], item["sk"]["S"]
        if pk.startswith("N#"):
            continue  # which tags are counted under their own names
        if "customer" in item:
            sk = f"{sk.partition('#')[0]}#{item['customer']['S']}"
        for what, value in item.items():
            if what not in ("pk", "sk", "expires_at", "customer"):
                books[f"{shared(pk)}|{sk}"][_SUMS[what]] += Decimal(value["N"])
    return {name: dict(sums) for name, sums in books.items()}


def shared(pk: str) -> str:
    """A partition's name without its write shard, as far as its items are told apart by it."""
    if pk.startswith("L#"):
        return pk.rpartition("#")[0]
    return pk if pk.startswith("C") else {"T": "T", "G": "G", "L": "LD"}[pk[0]]


async def closed_in(stack: Stack, events: Iterable[SpendEvent]) -> None:
    for closed in events:
        await stack.ledger.close(closed)


def pending(aws: FakeAws) -> int:
    return sum("pending" in item for item in aws.items(LEDGER))
