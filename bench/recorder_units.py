"""What counting a spend event costs in DynamoDB, by batch size and by how many customers the events are of.

The recorder's own code counts 100 closed entries on MiniStack. All are of one model, day and key, as most
events of a minute are; they come from the customers in turn, so that a batch is of as many customers as it
can be.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

import httpx2

from bench import markdown
from bench.metered import Metered
from bench.processes import ministack
from bench.stack import RETENTION_DAYS, Tables, aws_settings, create_tables
from tollgate.counting import Counting, Store
from tollgate.ids import new_request_id
from tollgate.records import Entry, SpendEvent, Usage
from tollgate.storage.aws import DYNAMODB, AwsClient
from tollgate.storage.counters import CountersTable
from tollgate.storage.customers import CustomersTable
from tollgate.storage.database import Database
from tollgate.storage.keys import KeysTable
from tollgate.storage.ledger import LedgerTable
from tollgate.storage.tag_names import TagNames

_EVENTS: Final = 100
_SIZES: Final = (1, 10, 100)
_CUSTOMERS: Final = (1, 10, 100)


class Cost(NamedTuple):
    """Of one event, on average; transactions are of one batch."""

    batch: int
    customers: int
    transactions: float
    said: float
    ruled: float


class Bench:
    """A recorder whose writes are counted."""

    def __init__(self, http: httpx2.AsyncClient, tables: Tables) -> None:
        client = AwsClient(http, aws_settings(), DYNAMODB)
        self._database = Metered(client)
        self._ledger = LedgerTable(Database(client), tables.ledger, retention_days=RETENTION_DAYS)
        store = Store(
            self._database,
            LedgerTable(self._database, tables.ledger),
            CountersTable(self._database, tables.counters),
            CustomersTable(self._database, tables.customers),
            KeysTable(self._database, tables.keys),
            TagNames(self._database, tables.counters),
        )
        self._counting = Counting(store, "UTC", hourly_retention=timedelta(days=35))

    async def measure(self, batch: int, customers: int) -> Cost:
        """Close events and count them, so many at a time."""
        events = [_event(f"customer-{batch}-{n % customers}") for n in range(_EVENTS)]
        for event in events:
            await self._ledger.close(event)
        self._database.forget()
        for start in range(0, _EVENTS, batch):
            if failed := await self._counting.count(events[start : start + batch]):
                raise RuntimeError(f"events were not counted: {failed}")
        transactions, said = self._database.round_trips, self._database.said_written
        ruled = await self._database.ruled_transactions()
        return Cost(batch, customers, transactions * batch / _EVENTS, said / _EVENTS, ruled / _EVENTS)


def _event(customer: str) -> SpendEvent:
    now = datetime.now(UTC)
    entry = Entry(
        request_id=new_request_id(),
        customer_id=customer,
        key_id="0" * 64,
        model_group="gpt-4o-mini",
        model="gpt-4o-mini",
        provider="openai",
        endpoint="/chat/completions",
        started_at=now,
        day=now.strftime("%Y-%m-%d"),
    )
    usage, cost = Usage(input=1200, cache_read=1024, output=321), Decimal("0.000449400")
    return SpendEvent(entry, "success", "finished", now, usage, cost, cost, "v1", 812, 200)


async def _measure(tables: Tables) -> list[Cost]:
    async with httpx2.AsyncClient(trust_env=False) as http:
        bench = Bench(http, tables)
        return [await bench.measure(size, customers) for size in _SIZES for customers in _CUSTOMERS]


def main() -> None:
    """Print the table."""
    with ministack():
        found = asyncio.run(_measure(create_tables()))
    head = (
        "batch size",
        "customers",
        "transactions a batch",
        "WRU an event (MiniStack)",
        "WRU an event (by rule)",
    )
    rows = ((c.batch, c.customers, f"{c.transactions:g}", f"{c.said:.2f}", f"{c.ruled:.2f}") for c in found)
    print(markdown.table(head, rows))


if __name__ == "__main__":
    main()
