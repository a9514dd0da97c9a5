"""The audit table: one item for each management write, made by the same transaction and never changed.

| PK | SK | index `by_object` |
|---|---|---|
| `day#slot` (as the ledger's) | `audit_id` (UUIDv7: time-ordered) | `object` (`customer#acme`), `audit_id` |
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tollgate.ids import day_and_slot, first_id_at, instant, ledger_partition
from tollgate.storage.codec import Item, to_item
from tollgate.storage.database import Database

BY_OBJECT: Final = "by_object"


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Who changed what, from where; `before` and `after` are JSON, empty where there was nothing."""

    audit_id: str
    action: str  # such as customer.update
    object_type: str  # customer, budget or key
    object_id: str
    changed_by: str  # a key id
    source: str  # an address
    before: str = ""
    after: str = ""

    @property
    def at(self) -> datetime:
        """When: its id says, to the millisecond."""
        return instant(self.audit_id)


class AuditTable:
    """Audit records; the only place that names their attributes."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def record(self, record: AuditRecord) -> dict[str, Any]:
        """The transaction's action that writes a record."""
        item: Item = {
            "day_slot": day_and_slot(record.audit_id),
            "audit_id": record.audit_id,
            "object": _object(record.object_type, record.object_id),
            "action": record.action,
            "changed_by": record.changed_by,
            "source": record.source,
        }
        item |= {"before": record.before} if record.before else {}
        item |= {"after": record.after} if record.after else {}
        return {
            "Put": {
                "TableName": self._table,
                "Item": to_item(item),
                "ConditionExpression": "attribute_not_exists(audit_id)",
            }
        }

    async def of_object(
        self, object_type: str, object_id: str, start: datetime, end: datetime, before: str = ""
    ) -> AsyncIterator[AuditRecord]:
        """The records of one object in [start, end), newest first; with `before`, from before that id."""
        condition = "#object = :object AND audit_id BETWEEN :start AND :end"
        values = {":object": _object(object_type, object_id), ":start": first_id_at(start)}
        request = {
            "TableName": self._table,
            "IndexName": BY_OBJECT,
            "ScanIndexForward": False,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": {"#object": "object"},
            "ExpressionAttributeValues": to_item({**values, ":end": before or first_id_at(end)}),
        }
        async for item in self._database.query(request):
            if item["audit_id"] != before:
                yield _record(item)

    async def between(
        self, day: str, slot: int, start: datetime, end: datetime, before: str = ""
    ) -> AsyncIterator[AuditRecord]:
        """The records of one partition in [start, end), newest first; `before` as above."""
        request = {
            "TableName": self._table,
            "ScanIndexForward": False,
            "KeyConditionExpression": "day_slot = :partition AND audit_id BETWEEN :start AND :end",
            "ExpressionAttributeValues": to_item(
                {
                    ":partition": ledger_partition(day, slot),
                    ":start": first_id_at(start),
                    ":end": before or first_id_at(end),
                }
            ),
        }
        async for item in self._database.query(request):
            if item["audit_id"] != before:
                yield _record(item)


def _object(object_type: str, object_id: str) -> str:
    return f"{object_type}#{object_id}"


def _record(item: Item) -> AuditRecord:
    object_type, _, object_id = item["object"].partition("#")
    return AuditRecord(
        audit_id=item["audit_id"],
        action=item["action"],
        object_type=object_type,
        object_id=object_id,
        changed_by=item["changed_by"],
        source=item["source"],
        before=item.get("before", ""),
        after=item.get("after", ""),
    )
