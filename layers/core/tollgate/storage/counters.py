"""The counters table: sums over spend events, by the keys of counter_keys.py."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from tollgate.storage.codec import Item, to_item, typed
from tollgate.storage.counter_keys import CounterKey, Dims, dims_in
from tollgate.storage.database import Database
from tollgate.storage.sums import Sums, stored, sums_in


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter as read: its dims and sums, and the day or hour it is for."""

    label: str
    dims: Dims | None
    sums: Sums


class Leader(NamedTuple):
    """One customer's total in a month or day as read."""

    period: str
    customer_id: str
    sums: Sums


class TagCounter(NamedTuple):
    """One counter of a tag as read."""

    day: str
    tag: str
    sums: Sums


class CountersTable:
    """Reads of counters, and the actions of a transaction that adds to them."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def add(
        self, key: CounterKey, sums: Mapping[str, int | Decimal], expires_at: int | None
    ) -> dict[str, Any]:
        """The transaction's action that adds sums to one counter."""
        added, beside = stored(sums), _beside(key, expires_at)
        parts = ["ADD " + ", ".join(f"#{name} :{name}" for name in added)]
        if beside:
            parts.append("SET " + ", ".join(f"#{name} = :{name}" for name in beside))
        return {
            "Update": {
                "TableName": self._table,
                "Key": to_item({"pk": key.pk, "sk": key.sk}),
                "UpdateExpression": " ".join(parts),
                "ExpressionAttributeNames": {f"#{name}": name for name in added | beside},
                "ExpressionAttributeValues": {
                    f":{name}": typed(value) for name, value in (added | beside).items()
                },
            }
        }

    def item(
        self, key: CounterKey, sums: Mapping[str, int | Decimal], expires_at: int | None
    ) -> dict[str, Any]:
        """A whole counter, for what restores or seeds the table."""
        return to_item({"pk": key.pk, "sk": key.sk, **stored(sums), **_beside(key, expires_at)})

    async def days_of_customer(
        self, customer_id: str, start: str, end: str, *, consistent: bool = False
    ) -> AsyncIterator[Counter]:
        """A customer's daily counters from start to end, both included; label = day."""
        bounds = (f"D#{start}", f"D#{end}$")  # "$" follows "#", so every dims of the last day is within
        async for item in self._range(f"C#{customer_id}", *bounds, consistent=consistent):
            _, day, dims = item["sk"].split("#", 2)
            yield Counter(day, dims_in(dims), sums_in(item))

    async def totals(
        self, start: str, end: str, slot: int, *, consistent: bool = False
    ) -> AsyncIterator[Counter]:
        """One write shard of the totals from start to end, days of one month; label = day."""
        async for item in self._days(f"T#{start[:7]}#{slot}", start, end, consistent=consistent):
            day, dims = item["sk"].split("#", 1)
            yield Counter(day, dims_in(dims), sums_in(item))

    async def tags(
        self, start: str, end: str, slot: int, *, consistent: bool = False
    ) -> AsyncIterator[TagCounter]:
        """One write shard of the tags from start to end, days of one month."""
        async for item in self._days(f"G#{start[:7]}#{slot}", start, end, consistent=consistent):
            day, tag = item["sk"].split("#", 1)
            yield TagCounter(day, tag, sums_in(item))

    async def hours_of_customer(self, customer_id: str, start: str, end: str) -> AsyncIterator[Counter]:
        """A customer's hourly counters from one UTC hour to another, both included; label = hour."""
        async for counter in self._hours(f"C#{customer_id}", start, end):
            yield counter

    async def hourly_totals(self, start: str, end: str, slot: int) -> AsyncIterator[Counter]:
        """One write shard of the hourly totals, hours of one UTC month, both included; label = hour."""
        async for counter in self._hours(f"TH#{start[:7]}#{slot}", start, end):
            yield counter

    async def leaders(self, month: str, slot: int) -> AsyncIterator[Leader]:
        """One shard of the customers' totals in a month."""
        async for item in self._database.query(self._asked("pk = :pk", {":pk": f"L#{month}#{slot}"})):
            yield Leader(month, item["sk"].strip(), sums_in(item))

    async def day_leaders(self, start: str, end: str, slot: int) -> AsyncIterator[Leader]:
        """One shard of the customers' totals in each day from start to end, days of one month."""
        async for item in self._days(f"LD#{start[:7]}#{slot}", start, end):
            day, customer_id = item["sk"].split("#", 1)
            yield Leader(day, item.get("customer", customer_id), sums_in(item))

    async def count_leaders(self, day: str, slot: int) -> int:
        """How many customers' totals a shard has for a day."""
        return await self._database.count(self._between(f"LD#{day[:7]}#{slot}", f"{day}#", f"{day}$"))

    async def _hours(self, pk: str, start: str, end: str) -> AsyncIterator[Counter]:
        async for item in self._database.query(self._between(pk, f"H#{start}#", f"H#{end}$")):
            _, hour, dims = item["sk"].split("#", 2)
            yield Counter(hour, dims_in(dims), sums_in(item))

    def _days(self, pk: str, start: str, end: str, *, consistent: bool = False) -> AsyncIterator[Item]:
        return self._range(pk, f"{start}#", f"{end}$", consistent=consistent)

    def _range(self, pk: str, start: str, end: str, *, consistent: bool) -> AsyncIterator[Item]:
        consistently = {"ConsistentRead": True} if consistent else {}
        return self._database.query(self._between(pk, start, end) | consistently)

    def _between(self, pk: str, start: str, end: str) -> dict[str, Any]:
        values = {":pk": pk, ":start": start, ":end": end}
        return self._asked("pk = :pk AND sk BETWEEN :start AND :end", values)

    def _asked(self, condition: str, values: Mapping[str, str]) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": to_item(values),
        }


def _beside(key: CounterKey, expires_at: int | None) -> dict[str, Any]:
    """What an item has beside its sums."""
    customer = {"customer": key.customer_id} if key.customer_id else {}
    return customer | ({} if expires_at is None else {"expires_at": expires_at})
