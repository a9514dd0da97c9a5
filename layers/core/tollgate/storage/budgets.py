"""The budgets table: tiers, all in one partition, because there are few and they are listed together."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tollgate.limits import Limits, dump_limits, load_limits
from tollgate.storage.codec import Item, to_item
from tollgate.storage.database import Database

_PARTITION: Final = "tier"


@dataclass(frozen=True, slots=True)
class Budget:
    """A tier: limits with a name, for any number of customers and keys."""

    budget_id: str
    limits: Limits
    created_at: datetime
    updated_at: datetime
    created_by: str  # key ids
    updated_by: str
    revision: int = 1


class BudgetsTable:
    """Tiers by id; the only place that names their attributes."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    async def get(self, budget_id: str) -> Budget | None:
        """A tier, or None."""
        item = await self._database.get(self._table, _key(budget_id)) if budget_id else None
        return _budget(item) if item else None

    async def all(self) -> AsyncIterator[Budget]:
        """Every tier, by id."""
        request = {
            "TableName": self._table,
            "KeyConditionExpression": "#scope = :scope",
            "ExpressionAttributeNames": {"#scope": "scope"},
            "ExpressionAttributeValues": to_item({":scope": _PARTITION}),
        }
        async for item in self._database.query(request):
            yield _budget(item)

    def create(self, budget: Budget) -> dict[str, Any]:
        """The transaction's action that makes a tier, which must not be there."""
        return self._put(budget, "attribute_not_exists(budget_id)", {})

    def change(self, budget: Budget, read: Budget) -> dict[str, Any]:
        """The transaction's action that replaces a tier, if nobody changed it since it was read."""
        return self._put(budget, "revision = :read", {":read": read.revision})

    def delete(self, read: Budget) -> dict[str, Any]:
        """The transaction's action that deletes a tier, if nobody changed it since it was read."""
        return {
            "Delete": {
                "TableName": self._table,
                "Key": _key(read.budget_id),
                "ConditionExpression": "revision = :read",
                "ExpressionAttributeValues": to_item({":read": read.revision}),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def _put(self, budget: Budget, condition: str, values: Item) -> dict[str, Any]:
        item = {
            "scope": _PARTITION,
            "budget_id": budget.budget_id,
            "limits": dump_limits(budget.limits),
            "created_at": budget.created_at.isoformat(),
            "updated_at": budget.updated_at.isoformat(),
            "created_by": budget.created_by,
            "updated_by": budget.updated_by,
            "revision": budget.revision,
        }
        put = {
            "TableName": self._table,
            "Item": to_item(item),
            "ConditionExpression": condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        return {"Put": put | ({"ExpressionAttributeValues": to_item(values)} if values else {})}


def _key(budget_id: str) -> dict[str, Any]:
    return to_item({"scope": _PARTITION, "budget_id": budget_id})


def _budget(item: Item) -> Budget:
    return Budget(
        budget_id=item["budget_id"],
        limits=load_limits(item["limits"]),
        created_at=datetime.fromisoformat(item["created_at"]),
        updated_at=datetime.fromisoformat(item["updated_at"]),
        created_by=item["created_by"],
        updated_by=item["updated_by"],
        revision=item["revision"],
    )
