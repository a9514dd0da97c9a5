"""The ledger a page at a time, newest or oldest first: of a day's slot, of a customer, or by request ids."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from tollgate.ids import day_and_slot, ledger_partition
from tollgate.records import Entry, SpendEvent
from tollgate.storage.codec import Item, to_item
from tollgate.storage.database import Database
from tollgate.storage.ledger import parse

BATCH: Final = 100  # of BatchGetItem
_BETWEEN: Final = "request_id BETWEEN :low AND :high"
_NEWER: Final = "~"  # after every request id


class Span(NamedTuple):
    """The request ids between two, neither of them included, and which come first."""

    low: str
    high: str
    newest_first: bool = True

    def after(self, request_id: str) -> "Span":
        """What is left of it behind a request id."""
        return self._replace(high=request_id) if self.newest_first else self._replace(low=request_id)


class Page(NamedTuple):
    """Records by request id, in order, or None where only ids were asked for; and whether more follow."""

    records: list[tuple[str, Entry | SpendEvent | None]]
    more: bool


class LedgerPages:
    """Reads pages of the ledger; eventually consistent, but for those of slots."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    async def slot(self, day: str, slot: int, span: Span, limit: int) -> Page:
        """The first records of a UTC day's slot within a span."""
        items, more = await self._page(
            {"ConsistentRead": True, "KeyConditionExpression": f"day_slot = :partition AND {_BETWEEN}"},
            ledger_partition(day, slot),
            span,
            limit,
        )
        return Page([(item["request_id"], parse(item)) for item in items], more)

    async def customer(self, customer_id: str, span: Span, limit: int) -> Page:
        """The first request ids of a customer within a span."""
        items, more = await self._page(
            {"IndexName": "by_customer", "KeyConditionExpression": f"customer = :partition AND {_BETWEEN}"},
            f"C#{customer_id}",
            span,
            limit,
        )
        return Page([(item["request_id"], None) for item in items], more)

    async def load(self, request_ids: Sequence[str]) -> list[Entry | SpendEvent]:
        """The records of at most BATCH request ids, in no particular order; expired ones are not there."""
        keys = [to_item({"day_slot": day_and_slot(one), "request_id": one}) for one in request_ids]
        return [parse(item) for item in await self._database.get_many(self._table, keys)]

    async def _page(
        self, request: dict[str, Any], partition: str, span: Span, limit: int
    ) -> tuple[list[Item], bool]:
        """Items strictly within a span; both bounds may be among those read, so two more are."""
        values = {":partition": partition, ":low": span.low, ":high": span.high or _NEWER}
        items, last = await self._database.page(
            {
                **request,
                "TableName": self._table,
                "ExpressionAttributeValues": to_item(values),
                "ScanIndexForward": not span.newest_first,
                "Limit": limit + 1,
            }
        )
        inside = [item for item in items if item["request_id"] not in (span.low, span.high)]
        return inside, last is not None
