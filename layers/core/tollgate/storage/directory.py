"""The customers table's index `directory`: every customer's id in order, in SLOTS parts."""

from typing import Any, Final

from tollgate.storage.codec import to_item
from tollgate.storage.database import Database

_INDEX: Final = "directory"
_MOST_READ: Final = 1000  # entries in one answer


class Directory:
    """Ids of one part at a time, eventually consistent; of those whose id or alias contains a text, if given.

    The text is in lower case. The index is asked, never the table: an item there is as large as its wallet.
    """

    def __init__(self, database: Database, customers_table: str) -> None:
        self._database = database
        self._table = customers_table

    async def ids(self, slot: int, *, after: str, most: int, text: str) -> list[str]:
        """Up to so many ids, in order, from behind an id on."""
        request = self._request(slot, after, text) | {"ProjectionExpression": "customer_id"}
        request |= {} if text else {"Limit": min(most, _MOST_READ)}
        found: list[str] = []
        async for item in self._database.query(request):
            found.append(item["customer_id"])
            if len(found) == most:
                break
        return found

    async def count(self, slot: int, *, text: str) -> int:
        """How many ids there are."""
        return await self._database.count(self._request(slot, "", text))

    def _request(self, slot: int, after: str, text: str) -> dict[str, Any]:
        values = {":slot": str(slot), ":after": after, ":text": text}
        request = {
            "TableName": self._table,
            "IndexName": _INDEX,
            "KeyConditionExpression": "directory = :slot" + (" AND customer_id > :after" if after else ""),
            "ExpressionAttributeValues": to_item({name: value for name, value in values.items() if value}),
        }
        return request | ({"FilterExpression": "contains(found_by, :text)"} if text else {})
