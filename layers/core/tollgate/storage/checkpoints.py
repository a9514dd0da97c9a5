"""How far reconcile has come, kept as one item of the counters table."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from tollgate.storage.codec import to_item
from tollgate.storage.database import Database

_KEY: Final = {"pk": {"S": "R"}, "sk": {"S": "settled_until"}}
_SWEPT: Final = {"pk": {"S": "R"}, "sk": {"S": "swept_until"}}


class Checkpoints:
    """Per ledger slot, the instant before which every entry is closed and counted; where a sweep goes on."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    async def load(self) -> dict[int, datetime]:
        """The checkpoints by slot; none before the first run."""
        item = await self._database.get(self._table, _KEY) or {}
        return {int(slot): datetime.fromisoformat(text) for slot, text in item.get("slots", {}).items()}

    async def save(self, settled: Mapping[int, datetime]) -> None:
        """Replace the checkpoints."""
        slots = {str(slot): moment.isoformat() for slot, moment in settled.items()}
        await self._database.put({"TableName": self._table, "Item": {**_KEY, **to_item({"slots": slots})}})

    async def note(self, name: str) -> str:
        """What a tool wrote down under its name; "" when it has not."""
        item = await self._database.get(self._table, _note(name)) or {}
        return str(item.get("text", ""))

    async def save_note(self, name: str, text: str) -> None:
        """Replace it."""
        await self._database.put({"TableName": self._table, "Item": {**_note(name), "text": {"S": text}}})

    async def cursors(self) -> dict[str, str]:
        """The last id looked at, by table; "" where a new round begins."""
        item = await self._database.get(self._table, _SWEPT) or {}
        return dict(item.get("tables", {}))

    async def save_cursors(self, cursors: Mapping[str, str]) -> None:
        """Replace them."""
        item = {**_SWEPT, **to_item({"tables": dict(cursors)})}
        await self._database.put({"TableName": self._table, "Item": item})


def _note(name: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": "R"}, "sk": {"S": f"note_{name}"}}
