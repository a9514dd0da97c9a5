"""The ledger table: one item per request, opened once, closed once, its `pending` mark removed once."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from tollgate.ids import EPOCH, day_and_slot, first_id_at, ledger_partition
from tollgate.records import Entry, SpendEvent, Usage
from tollgate.storage.codec import Item, from_item, to_item
from tollgate.storage.database import Database

_OPEN_ONCE: Final = "attribute_not_exists(request_id)"
_BATCH: Final = 100
_CLOSE_ONCE: Final = "attribute_not_exists(request_id) OR #state = :open"
_ENTRY_FIELDS: Final = tuple(
    f.name for f in fields(Entry) if f.name not in ("customer_id", "started_at", "tags")
)
_EVENT_FIELDS: Final = (
    "status",
    "ending",
    "cost",
    "charge",
    "price_version",
    "http_status",
    "estimated",
    "unpriced",
    "tier",
)


class LedgerTable:
    """Entries and spend events; the only place that names their attributes."""

    def __init__(self, database: Database, table: str, *, retention_days: int = 0) -> None:
        self._database = database
        self._table = table
        self._retention = timedelta(days=retention_days)

    async def open(self, entry: Entry, *, sent: asyncio.Event | None = None) -> None:
        """Write an open entry. Raises ConditionFailed when the request id is already there."""
        item = to_item({**self._entry(entry), "state": "open"})
        await self._database.put(
            {"TableName": self._table, "Item": item, "ConditionExpression": _OPEN_ONCE}, sent=sent
        )

    async def close(self, event: SpendEvent) -> None:
        """Write the spend event over its open entry, or alone if the open never arrived.

        Raises ConditionFailed, with what stands there, when the entry is closed already.
        """
        item = to_item({**self._entry(event.entry), **_closing(event), "state": "closed", "pending": 1})
        await self._database.put(
            {
                "TableName": self._table,
                "Item": item,
                "ConditionExpression": _CLOSE_ONCE,
                "ExpressionAttributeNames": {"#state": "state"},
                "ExpressionAttributeValues": {":open": {"S": "open"}},
            }
        )

    def item(self, event: SpendEvent) -> dict[str, Any]:
        """A whole spend event that is counted already, for what restores or seeds the table."""
        return to_item({**self._entry(event.entry), **_closing(event), "state": "closed"})

    def unmark(self, request_id: str) -> dict[str, Any]:
        """The transaction's proof that an event is counted once: remove its mark, which must be there."""
        return {
            "Update": {
                "TableName": self._table,
                "Key": _key(request_id),
                "UpdateExpression": "REMOVE pending",
                "ConditionExpression": "attribute_exists(pending)",
            }
        }

    async def get(self, request_id: str) -> Entry | SpendEvent | None:
        """The entry or spend event of a request id, or None."""
        item = await self._database.get(self._table, _key(request_id))
        return _record(item) if item else None

    async def closed(self, request_ids: Sequence[str]) -> list[SpendEvent]:
        """The spend events there are among so many request ids, counted or not."""
        records = map(_record, await self._items(request_ids))
        return [record for record in records if isinstance(record, SpendEvent)]

    async def counted(self, request_ids: Sequence[str]) -> list[SpendEvent]:
        """The spend events that are counted, among so many request ids."""
        records = map(_record, filter(is_counted, await self._items(request_ids)))
        return [record for record in records if isinstance(record, SpendEvent)]

    async def _items(self, request_ids: Sequence[str]) -> list[Item]:
        ids = list(dict.fromkeys(request_ids))
        found: list[Item] = []
        for start in range(0, len(ids), _BATCH):
            keys = [_key(one) for one in ids[start : start + _BATCH]]
            found += await self._database.get_many(self._table, keys, consistent=True)
        return found

    async def between(self, day: str, slot: int, start: datetime, end: datetime) -> AsyncIterator[Item]:
        """The raw items of one partition that began in [start, end), in order of time; see `parse`."""
        request = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "day_slot = :partition AND request_id BETWEEN :start AND :end",
            "ExpressionAttributeValues": to_item(
                {
                    ":partition": ledger_partition(day, slot),
                    ":start": first_id_at(start),
                    ":end": first_id_at(end),
                }
            ),
        }
        async for item in self._database.query(request):
            yield item

    async def of_customer(self, customer_id: str, since: datetime = EPOCH) -> list[str]:
        """The request ids of a customer that began at a moment or later, in order of time."""
        request = {
            "TableName": self._table,
            "IndexName": "by_customer",
            "KeyConditionExpression": "customer = :customer AND request_id >= :since",
            "ExpressionAttributeValues": to_item(
                {":customer": f"C#{customer_id}", ":since": first_id_at(since)}
            ),
        }
        return [item["request_id"] async for item in self._database.query(request)]

    def _entry(self, entry: Entry) -> Item:
        item = {name: getattr(entry, name) for name in _ENTRY_FIELDS if getattr(entry, name)}
        item |= {
            "day_slot": day_and_slot(entry.request_id),
            "request_id": entry.request_id,
            "customer": f"C#{entry.customer_id}",  # an index key may not be empty, a customer id may
            "started_at": _text(entry.started_at),
        }
        if entry.tags:
            item["tags"] = frozenset(entry.tags)
        if self._retention:
            item["expires_at"] = int((entry.started_at + self._retention).timestamp())
        return item


def parse_image(image: Mapping[str, Any]) -> SpendEvent:
    """A spend event from a stream's NewImage. Raises KeyError or ValueError when it is none."""
    event = parse(from_item(image))
    if not isinstance(event, SpendEvent):
        raise ValueError(  # noqa: TRY004 - the type is right, the entry's state is not
            f"an open entry, not a spend event: {event.request_id}"
        )
    return event


def parse(item: Item) -> Entry | SpendEvent:
    """The record in a raw item. Raises KeyError or ValueError when it is none."""
    return _record(item)


def is_pending(item: Item) -> bool:
    """Whether a raw item is a spend event that is not counted yet."""
    return "pending" in item


def is_counted(item: Item) -> bool:
    """Whether a raw item is a spend event that needs nothing more."""
    return item["state"] == "closed" and not is_pending(item)


def _record(item: Item) -> Entry | SpendEvent:
    entry = _parse_entry(item)
    if item["state"] == "open":
        return entry
    return SpendEvent(
        entry=entry,
        status=item["status"],
        ending=item["ending"],
        closed_at=_moment(item["closed_at"]),
        usage=Usage.of(item.get("usage", {})),
        cost=Decimal(item.get("cost", 0)),
        charge=Decimal(item.get("charge", 0)),
        price_version=item.get("price_version", ""),
        duration_ms=item.get("duration_ms"),
        first_byte_ms=item.get("first_byte_ms"),
        http_status=item.get("http_status", 0),
        estimated=item.get("estimated", ""),
        unpriced=item.get("unpriced", False),
        tier=item.get("tier", ""),
    )


def _parse_entry(item: Item) -> Entry:
    plain = {name: item[name] for name in _ENTRY_FIELDS if name in item}
    text = dict.fromkeys(("key_id", "model_group", "model", "provider", "endpoint", "day"), "")
    return Entry(
        **{**text, **plain, "held": Decimal(item.get("held", 0))},
        customer_id=item["customer"].removeprefix("C#"),
        started_at=_moment(item["started_at"]),
        tags=tuple(sorted(item.get("tags", ()))),
    )


def _closing(event: SpendEvent) -> Item:
    item: Item = {name: getattr(event, name) for name in _EVENT_FIELDS if getattr(event, name)}
    item["closed_at"] = _text(event.closed_at)
    if counts := event.usage.counts():
        item["usage"] = counts
    times = {"duration_ms": event.duration_ms, "first_byte_ms": event.first_byte_ms}
    return item | {name: time for name, time in times.items() if time is not None}


def _key(request_id: str) -> dict[str, dict[str, str]]:
    return {"day_slot": {"S": day_and_slot(request_id)}, "request_id": {"S": request_id}}


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
