"""The customers table: created when first seen, with what they spent in their lifetime."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from tollgate.storage.codec import Item, to_item
from tollgate.storage.database import Database


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer."""

    customer_id: str
    spend: Decimal
    created_at: datetime
    last_seen_at: datetime
    alias: str | None = None
    blocked: bool = False


class CustomersTable:
    """Customers by id; the only place that names their attributes."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def seen(self, customer_id: str, spend: Decimal, first: datetime, last: datetime) -> dict[str, Any]:
        """The transaction's action that makes or meets a customer and adds to its lifetime spend.

        `first` and `last` are when its calls in this transaction began; events are counted roughly in order,
        so `last_seen_at` may step back by seconds.
        """
        values = {":spend": spend, ":first": _text(first), ":last": _text(last), ":no": False}
        return {
            "Update": {
                "TableName": self._table,
                "Key": to_item({"customer_id": customer_id}),
                "UpdateExpression": "ADD spend :spend SET last_seen_at = :last, "
                "created_at = if_not_exists(created_at, :first), blocked = if_not_exists(blocked, :no)",
                "ExpressionAttributeValues": to_item(values),
            }
        }

    async def get(self, customer_id: str) -> Customer | None:
        """A customer, or None. The unassigned customer "" has no row."""
        if not customer_id:
            return None
        item = await self._database.get(self._table, to_item({"customer_id": customer_id}))
        return _customer(item) if item else None

    async def get_many(self, customer_ids: list[str]) -> dict[str, Customer]:
        """The customers there are among the ids."""
        found: dict[str, Customer] = {}
        ids = sorted({i for i in customer_ids if i})
        for start in range(0, len(ids), 100):
            keys = [to_item({"customer_id": i}) for i in ids[start : start + 100]]
            items = await self._database.get_many(self._table, keys)
            found |= {item["customer_id"]: _customer(item) for item in items}
        return found


def _customer(item: Item) -> Customer:
    return Customer(
        customer_id=item["customer_id"],
        spend=Decimal(item.get("spend", 0)),
        created_at=datetime.fromisoformat(item["created_at"]),
        last_seen_at=datetime.fromisoformat(item["last_seen_at"]),
        alias=item.get("alias"),
        blocked=item.get("blocked", False),
    )


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
