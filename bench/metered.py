"""A Database that keeps what was written, so that the rules can be applied beside MiniStack's own count."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from bench import rules
from tollgate.money import dumps, loads
from tollgate.storage.aws import AwsClient
from tollgate.storage.codec import Item, from_item
from tollgate.storage.database import ConditionFailed, Database

_READS: Final = ("GetItem", "BatchGetItem", "Query")
_INDEXED: Final = ("customer", "request_id", "day_slot")  # by_customer: its keys and the table's
_LISTED: Final = ("directory", "customer_id", "found_by")  # directory: its keys, the table's, and one more


class Metered(Database):
    """Counts round trips and units, twice: as the store says, and by the rules."""

    def __init__(self, client: AwsClient) -> None:
        super().__init__(client, measure=True)
        self.puts: list[Item] = []
        self.transactions: list[list[Mapping[str, Any]]] = []
        self.updates: list[int] = []  # bytes of the larger item, before or after
        self._listed = 0
        self._known: dict[bytes, int] = {}

    async def put(self, request: Mapping[str, Any], *, sent: asyncio.Event | None = None) -> None:
        """PutItem, its item kept."""
        self.puts.append(from_item(request["Item"]))
        await super().put(request, sent=sent)

    async def update(self, request: Mapping[str, Any]) -> Item:
        """UpdateItem that asks for the whole item, as those of wallets do; its size kept.

        One that is refused is billed by the item that stands.
        """
        place = _place(request)
        try:
            after = await super().update(request)
        except ConditionFailed as found:
            self.updates.append(rules.item_size(found.item))
            raise
        size = rules.item_size(after)
        self.updates.append(max(size, self._known.get(place, 0)))
        if place not in self._known and "revision" not in after:  # it was made by this write
            self._listed += rules.index_write_units({name: after[name] for name in _LISTED})
        self._known[place] = size
        return after

    async def transact(self, actions: Sequence[Mapping[str, Any]], *, token: str = "") -> None:
        """TransactWriteItems, its actions kept."""
        self.transactions.append(list(actions))
        await super().transact(actions, token=token)

    def forget(self) -> None:
        """Start over."""
        self.consumed.clear()
        self.puts.clear()
        self.updates.clear()
        self._listed = 0
        self.transactions.clear()

    @property
    def round_trips(self) -> int:
        """Requests that the store answered."""
        return len(self.consumed)

    @property
    def said_written(self) -> float:
        """Write units, as the store says."""
        return sum(_units(answer) for operation, answer in self.consumed if operation not in _READS)

    @property
    def said_read(self) -> float:
        """Read units, as the store says."""
        return sum(_units(answer) for operation, answer in self.consumed if operation in _READS)

    def ruled_puts(self) -> int:
        """Write units of the ledger's puts by the rules; the index is written with an entry's first."""
        seen: dict[Any, int] = {}
        units = 0
        for item in self.puts:
            size, known = rules.item_size(item), seen.get(item["request_id"])
            units += rules.write_units(max(size, known or 0))
            if known is None:
                units += rules.index_write_units({name: item[name] for name in _INDEXED})
            seen[item["request_id"]] = size
        return units

    def ruled_updates(self) -> int:
        """Write units of the updates by the rules; the index is written with a customer's first."""
        return sum(map(rules.write_units, self.updates)) + self._listed

    async def ruled_transactions(self) -> int:
        """Write units of the transactions by the rules, from the items as they stand now.

        Sums only grow, so an item is never larger than it is now. No transaction touches the index.
        """
        writes = Counter(_place(action["Update"]) for actions in self.transactions for action in actions)
        return sum([times * await self._ruled(place) for place, times in writes.items()])

    async def _ruled(self, place: bytes) -> int:
        table, key = loads(place)
        item = await self.get(table, key)
        return rules.write_units(rules.item_size(item or {}), transaction=True)


def _place(update: Mapping[str, Any]) -> bytes:
    return dumps([update["TableName"], update["Key"]])


def _units(answer: Any) -> float:
    """Of one answer; MiniStack tells none of BatchGetItem."""
    parts: Iterable[Mapping[str, Any]] = answer if isinstance(answer, list) else filter(None, [answer])
    return sum(float(part["CapacityUnits"]) for part in parts)
