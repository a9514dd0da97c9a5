"""The keys table's index: every key by id, with its alias. Reads are eventually consistent."""

from collections.abc import AsyncIterator
from typing import Any, Final, NamedTuple

from tollgate.storage.codec import Item, to_item
from tollgate.storage.database import Database

_INDEX: Final = "directory"
_ALL: Final = "keys"  # one index partition: keys are made by people, and few
LISTED: Final[Item] = {"directory": _ALL}  # what puts a key into the index


class Named(NamedTuple):
    """The aliases of all keys up to the id `last`; of every key when that is None."""

    aliases: dict[str, str | None]
    last: str | None


class KeyDirectory:
    """Keys in the order of their ids."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._asked: Final[dict[str, Any]] = {
            "TableName": table,
            "IndexName": _INDEX,
            "KeyConditionExpression": "directory = :all",
            "ExpressionAttributeValues": to_item({":all": _ALL}),
        }

    async def all(self) -> AsyncIterator[str]:
        """Every key's id. Raises AwsError, AwsUnavailable."""
        async for item in self._database.query(self._asked):
            yield item["key_id"]

    async def first(self, most: int) -> Named:
        """What the first keys are called. Raises AwsError, AwsUnavailable."""
        items, more = await self._database.page(self._asked | {"Limit": most})
        last = items[-1]["key_id"] if items and more else None
        return Named({item["key_id"]: item.get("alias") for item in items}, last)
