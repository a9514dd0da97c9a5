"""How far reconcile has come, kept in the counters table as `R` / `<ledger slot>`."""

from datetime import datetime

from tollgate.storage.codec import to_item
from tollgate.storage.database import Database


class Checkpoints:
    """Per ledger slot, the instant before which every entry is closed and counted."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    async def get(self, slot: int) -> datetime | None:
        """The checkpoint of a slot, or None before the first run."""
        item = await self._database.get(self._table, _key(slot))
        return datetime.fromisoformat(item["settled_until"]) if item else None

    async def set(self, slot: int, moment: datetime) -> None:
        """Move a checkpoint."""
        await self._database.put(
            {
                "TableName": self._table,
                "Item": {**_key(slot), **to_item({"settled_until": moment.isoformat()})},
            }
        )


def _key(slot: int) -> dict[str, dict[str, str]]:
    return to_item({"pk": "R", "sk": str(slot)})
