"""Counters of refused calls, in the counters table.

| PK | SK | the refused calls of |
|---|---|---|
| `C#<customer>` | `R#<day>#<reason>` | one customer, day and reason |
| `TR#<month>#<slot>` | `<day>#<reason>` | all customers, day and reason; add up the slots |
"""

from collections.abc import AsyncIterator
from typing import Any, Final, NamedTuple

from tollgate.storage.codec import to_item
from tollgate.storage.counter_keys import CounterKey
from tollgate.storage.database import Database

_CALLS: Final = "refused_calls"


class Refused(NamedTuple):
    """How many calls were refused on a day for a reason."""

    day: str
    reason: str
    calls: int


def refused(customer_id: str, day: str, reason: str) -> CounterKey:
    """One customer, one day, one reason."""
    return CounterKey(f"C#{customer_id}", f"R#{day}#{reason}")


def refused_total(day: str, slot: int, reason: str) -> CounterKey:
    """All customers, one day, one reason, one of SLOTS write shards."""
    return CounterKey(f"TR#{day[:7]}#{slot}", f"{day}#{reason}")


class RefusalCounters:
    """Adds to counters of refused calls, and reads them."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    async def add(self, key: CounterKey, calls: int) -> None:
        """Add to one counter. Raises AwsError; AwsUnavailable, when it may have been added all the same."""
        await self._database.update(
            {
                "TableName": self._table,
                "Key": to_item({"pk": key.pk, "sk": key.sk}),
                "UpdateExpression": f"ADD {_CALLS} :calls",
                "ExpressionAttributeValues": to_item({":calls": calls}),
            }
        )

    async def of_customer(self, customer_id: str, start: str, end: str) -> AsyncIterator[Refused]:
        """A customer's refused calls from day to day, both included."""
        async for one in self._range(f"C#{customer_id}", "R#", start, end):
            yield one

    async def totals(self, start: str, end: str, slot: int) -> AsyncIterator[Refused]:
        """One write shard of everybody's from start to end, days of one month."""
        async for one in self._range(f"TR#{start[:7]}#{slot}", "", start, end):
            yield one

    async def _range(self, pk: str, prefix: str, start: str, end: str) -> AsyncIterator[Refused]:
        bounds = {":start": f"{prefix}{start}#", ":end": f"{prefix}{end}$"}  # "$" follows "#"
        question: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :start AND :end",
            "ExpressionAttributeValues": to_item({":pk": pk, **bounds}),
        }
        async for item in self._database.query(question):
            day, reason = item["sk"].removeprefix(prefix).split("#", 1)
            yield Refused(day, reason, item[_CALLS])
