"""What customers and keys are called."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from tollgate.queries.breakdown import NAMELESS, OTHERS, KeyNames, Names
from tollgate.queries.parallel import each
from tollgate.storage.customers import CustomersTable
from tollgate.storage.keys import Key, KeysTable

V = TypeVar("V")

_BATCH: Final = 100  # in one BatchGetItem
_KEPT: Final = timedelta(minutes=1)
_MOST: Final = 50_000  # names


class NameTables:
    """Looks names up, a hundred at a time, all at once; each is remembered for a minute."""

    def __init__(self, customers: CustomersTable, keys: KeysTable) -> None:
        self._customers = customers
        self._keys = keys
        self._aliases: _Lately[str | None] = _Lately(self._read_aliases)
        self._metadata: _Lately[Mapping[str, Any]] = _Lately(self._read_keys)

    async def aliases(self, customers: Collection[str]) -> dict[str, str | None]:
        """The aliases of customers; who has none or is not known has None."""
        return await self._aliases.of(set(customers) - {"", OTHERS})

    async def keys(self, key_ids: Collection[str]) -> KeyNames:
        """The metadata of keys; the master key and deleted ones do not exist."""
        return await self._metadata.of(set(key_ids) - {"", OTHERS})

    async def of(self, customers: Collection[str], key_ids: Collection[str]) -> Names:
        """Both at once."""
        aliases, keys = await asyncio.gather(self.aliases(customers), self.keys(key_ids))
        return Names(aliases, keys)

    async def _read_aliases(self, batch: list[str]) -> dict[str, str | None]:
        found = await self._customers.get_many(batch)
        return {one: found[one].alias if one in found else None for one in batch}

    async def _read_keys(self, batch: list[str]) -> dict[str, Mapping[str, Any]]:
        found = await self._keys.get_many(batch)
        return {one: key_metadata(found.get(one)) for one in batch}


class _Lately(Generic[V]):
    """What was read in the last minute, by id; those longest known are forgotten first."""

    def __init__(self, read: Callable[[list[str]], Awaitable[dict[str, V]]]) -> None:
        self._read = read
        self._known: OrderedDict[str, tuple[datetime, V]] = OrderedDict()

    async def of(self, ids: AbstractSet[str]) -> dict[str, V]:
        """What is known, and what has to be read."""
        now = datetime.now(UTC)
        fresh = {one: self._known[one] for one in ids if one in self._known}
        found = {one: value for one, (read_at, value) in fresh.items() if now - read_at < _KEPT}
        for batch in await each(self._read, _batches(ids - found.keys())):
            for one, value in batch.items():
                found[one] = value
                self._keep(one, now, value)
        return found

    def _keep(self, one: str, now: datetime, value: V) -> None:
        self._known[one] = now, value
        self._known.move_to_end(one)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)


def key_metadata(key: Key | None) -> dict[str, Any]:
    """LiteLLM's KeyMetadata."""
    alias = key.profile.alias if key else None
    return NAMELESS | {"key_alias": alias, "key_exists": key is not None}


def _batches(ids: Collection[str]) -> list[list[str]]:
    ordered = sorted(ids)
    return [ordered[n : n + _BATCH] for n in range(0, len(ordered), _BATCH)]
