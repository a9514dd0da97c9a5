"""The counters table and the customers' running totals: sums over spend events.

| PK | SK | the sums of |
|---|---|---|
| `C#<customer>` | `D#<day>#<dims>` | one customer, day and dims |
| `C#<customer>` | `H#<hour>#<dims>` | one customer, UTC hour and dims (expires) |
| `T#<month>#<slot>` | `<day>#<dims>` | all customers, day and dims; add up the slots |
| `TH#<month>#<slot>` | `H#<hour>#<dims>` | all customers, UTC hour and dims (expires); add up the slots |
| `L#<day>#<slot>`, `L#<month>#<slot>` | `<customer>` | one customer in a day, in a month |
| `G#<month>#<slot>` | `<day>#<tag>` | all customers, day and tag; add up the slots (see tag_names.py) |

dims is the JSON array [model group, model, provider, endpoint, key id].
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from tollgate.ids import SLOTS, slot_of
from tollgate.money import add, dumps, loads
from tollgate.records import USAGE_CLASSES
from tollgate.storage.codec import Item, to_item, typed
from tollgate.storage.database import Database

SUMS: Final = (
    "cost",
    "charge",
    *USAGE_CLASSES,
    "api_requests",
    "successful_requests",
    "failed_requests",
    "response_time_ms",
    "timed_requests",
)
Sums = dict[str, int | Decimal]
# A sort key may be neither empty nor over 1,024 bytes: 256 emoji fill it, and no customer id is a blank.
_UNASSIGNED: Final = " "


class Dims(NamedTuple):
    """What a counter is broken down by."""

    model_group: str
    model: str
    provider: str
    endpoint: str
    key_id: str


class CounterKey(NamedTuple):
    """The primary key of one counter."""

    pk: str
    sk: str


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter as read: its dims and sums, and the day, hour or customer it is for."""

    label: str
    dims: Dims | None
    sums: Sums


def daily(customer_id: str, day: str, dims: Dims) -> CounterKey:
    """One customer, one day."""
    return CounterKey(f"C#{customer_id}", f"D#{day}#{_text(dims)}")


def hourly(customer_id: str, hour: str, dims: Dims) -> CounterKey:
    """One customer, one UTC hour."""
    return CounterKey(f"C#{customer_id}", f"H#{hour}#{_text(dims)}")


def total(day: str, slot: int, dims: Dims) -> CounterKey:
    """All customers, one day, one of SLOTS write shards."""
    return CounterKey(f"T#{day[:7]}#{slot}", f"{day}#{_text(dims)}")


def hourly_total(hour: str, slot: int, dims: Dims) -> CounterKey:
    """All customers, one UTC hour, one of SLOTS write shards."""
    return CounterKey(f"TH#{hour[:7]}#{slot}", f"H#{hour}#{_text(dims)}")


def leader(period: str, customer_id: str) -> CounterKey:
    """One customer's total in a day or month."""
    return CounterKey(f"L#{period}#{slot_of(customer_id)}", customer_id or _UNASSIGNED)


class TagCounter(NamedTuple):
    """One counter of a tag as read."""

    day: str
    tag: str
    sums: Sums


def tagged(day: str, slot: int, tag: str) -> CounterKey:
    """One tag of all customers, one day, one of SLOTS write shards."""
    return CounterKey(f"G#{day[:7]}#{slot}", f"{day}#{tag}")


class CountersTable:
    """Reads of counters, and the actions of a transaction that adds to them."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def add(
        self, key: CounterKey, sums: Mapping[str, int | Decimal], expires_at: int | None
    ) -> dict[str, Any]:
        """The transaction's action that adds sums to one counter."""
        names = {f"#{n}": name for n, name in enumerate(sums)}
        values = {f":{n}": typed(value) for n, value in enumerate(sums.values())}
        expression = "ADD " + ", ".join(f"#{n} :{n}" for n in range(len(sums)))
        if expires_at is not None:
            expression += " SET expires_at = :expires_at"
            values[":expires_at"] = typed(expires_at)
        return {
            "Update": {
                "TableName": self._table,
                "Key": to_item({"pk": key.pk, "sk": key.sk}),
                "UpdateExpression": expression,
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": values,
            }
        }

    def item(
        self, key: CounterKey, sums: Mapping[str, int | Decimal], expires_at: int | None
    ) -> dict[str, Any]:
        """A whole counter, for what restores or seeds the table."""
        expiry = {} if expires_at is None else {"expires_at": expires_at}
        return to_item({"pk": key.pk, "sk": key.sk, **sums, **expiry})

    async def days_of_customer(
        self, customer_id: str, start: str, end: str, *, consistent: bool = False
    ) -> AsyncIterator[Counter]:
        """A customer's daily counters from start to end, both included; label = day."""
        bounds = (f"D#{start}", f"D#{end}$")  # "$" follows "#", so every dims of the last day is within
        async for item in self._range(f"C#{customer_id}", *bounds, consistent=consistent):
            _, day, dims = item["sk"].split("#", 2)
            yield Counter(day, _dims(dims), _sums(item))

    async def totals(
        self, start: str, end: str, slot: int, *, consistent: bool = False
    ) -> AsyncIterator[Counter]:
        """One write shard of the totals from start to end, days of one month; label = day."""
        bounds = (f"{start}#", f"{end}$")
        async for item in self._range(f"T#{start[:7]}#{slot}", *bounds, consistent=consistent):
            day, dims = item["sk"].split("#", 1)
            yield Counter(day, _dims(dims), _sums(item))

    async def tags(
        self, start: str, end: str, slot: int, *, consistent: bool = False
    ) -> AsyncIterator[TagCounter]:
        """One write shard of the tags from start to end, days of one month."""
        bounds = (f"{start}#", f"{end}$")
        async for item in self._range(f"G#{start[:7]}#{slot}", *bounds, consistent=consistent):
            day, tag = item["sk"].split("#", 1)
            yield TagCounter(day, tag, _sums(item))

    async def hours_of_customer(self, customer_id: str, start: str, end: str) -> AsyncIterator[Counter]:
        """A customer's hourly counters from one UTC hour to another, both included; label = hour."""
        async for counter in self._hours(f"C#{customer_id}", start, end):
            yield counter

    async def hourly_totals(self, start: str, end: str, slot: int) -> AsyncIterator[Counter]:
        """One write shard of the hourly totals, hours of one UTC month, both included; label = hour."""
        async for counter in self._hours(f"TH#{start[:7]}#{slot}", start, end):
            yield counter

    async def leaders(self, period: str, slot: int) -> AsyncIterator[Counter]:
        """One shard of the customers' totals in a day or month; label = customer id."""
        async for item in self._all(f"L#{period}#{slot}"):
            yield Counter(item["sk"].strip(), None, _sums(item))

    async def count_leaders(self, period: str, slot: int) -> int:
        """How many customers' totals a shard has."""
        return await self._database.count(self._whole(f"L#{period}#{slot}"))

    async def _hours(self, pk: str, start: str, end: str) -> AsyncIterator[Counter]:
        async for item in self._range(pk, f"H#{start}#", f"H#{end}$"):
            _, hour, dims = item["sk"].split("#", 2)
            yield Counter(hour, _dims(dims), _sums(item))

    async def _range(self, pk: str, start: str, end: str, *, consistent: bool = False) -> AsyncIterator[Item]:
        condition: dict[str, Any] = {"KeyConditionExpression": "pk = :pk AND sk BETWEEN :start AND :end"}
        values = to_item({":pk": pk, ":start": start, ":end": end})
        condition |= {"ConsistentRead": True} if consistent else {}
        async for item in self._database.query(
            {"TableName": self._table, **condition, "ExpressionAttributeValues": values}
        ):
            yield item

    async def _all(self, pk: str) -> AsyncIterator[Item]:
        async for item in self._database.query(self._whole(pk)):
            yield item

    def _whole(self, pk: str) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": to_item({":pk": pk}),
        }


def shards() -> Iterable[int]:
    """Every write shard."""
    return range(SLOTS)


def merge(left: Mapping[str, int | Decimal], right: Mapping[str, int | Decimal]) -> Sums:
    """The sum of two counters, sum by sum. Raises decimal.Inexact rather than round."""
    return {name: add(left.get(name, 0), right.get(name, 0)) for name in {**left, **right}}


def collect(into: Sums, sums: Mapping[str, int | Decimal]) -> None:
    """Add sums to others in place, for adding up many. Raises decimal.Inexact rather than round."""
    for name, value in sums.items():
        known = into.get(name)
        into[name] = value if known is None else add(known, value)


def _sums(item: Item) -> Sums:
    sums: Sums = {name: item[name] for name in SUMS if name in item}
    return sums | {name: Decimal(sums[name]) for name in ("cost", "charge") if name in sums}


def _text(dims: Dims) -> str:
    return dumps(dims).decode()


def _dims(text: str) -> Dims:
    return Dims(*loads(text))
