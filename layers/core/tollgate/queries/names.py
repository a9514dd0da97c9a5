"""What customers and keys are called."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, NamedTuple, TypeVar

from tollgate.queries.breakdown import NAMELESS, OTHERS, KeyNames, Names
from tollgate.queries.parallel import each
from tollgate.storage.customers import CustomersTable
from tollgate.storage.key_directory import Named
from tollgate.storage.keys import KeysTable

T = TypeVar("T")
V = TypeVar("V")

_FORESEEN: Final = 300  # keys whose aliases are read before it is known whose are needed: 5 RRU at most
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_BATCH: Final = 100  # in one BatchGetItem
_KEPT: Final = timedelta(minutes=1)
_ABSENT: Final = timedelta(seconds=5)  # a key made since then is not to be called unknown for a minute
_MOST: Final = 50_000  # names


class NameTables:
    """Looks names up, a hundred at a time, all at once; each is remembered for a minute."""

    def __init__(self, customers: CustomersTable, keys: KeysTable) -> None:
        self._customers = customers
        self._keys = keys
        self._aliases: _Lately[str | None] = _Lately(self._read_aliases)
        self._metadata: _Lately[Mapping[str, Any]] = _Lately(self._read_keys)
        self._foreseen = _Foreseen(_LONG_AGO, Named({}, ""))

    async def beside(self, counters: Awaitable[T]) -> T:
        """What a read of counters answers; meanwhile it is learnt what the first keys are called.

        So `keys` need not be asked for after it, in a second round trip, unless there are many.
        """
        found, _ = await asyncio.gather(counters, self._foresee())
        return found

    async def aliases(self, customers: Collection[str]) -> dict[str, str | None]:
        """The aliases of customers; who has none or is not known has None."""
        return await self._aliases.of(set(customers) - {"", OTHERS})

    async def keys(self, key_ids: Collection[str]) -> KeyNames:
        """The metadata of keys; the master key and deleted ones do not exist."""
        wanted = set(key_ids) - {"", OTHERS}
        told = self._foreseen.told(wanted, datetime.now(UTC))
        return told | await self._metadata.of(wanted - told.keys())

    async def of(self, customers: Collection[str], key_ids: Collection[str]) -> Names:
        """Both at once."""
        aliases, keys = await asyncio.gather(self.aliases(customers), self.keys(key_ids))
        return Names(aliases, keys)

    async def _read_aliases(self, batch: list[str]) -> dict[str, str | None]:
        found = await self._customers.get_many(batch)
        return {one: found[one].alias if one in found else None for one in batch}

    async def _read_keys(self, batch: list[str]) -> dict[str, Mapping[str, Any]]:
        found = await self._keys.get_many(batch)
        return {
            one: _metadata(found[one].profile.alias if one in found else None, exists=one in found)
            for one in batch
        }

    async def _foresee(self) -> None:
        now = datetime.now(UTC)
        if now - self._foreseen.read_at >= _KEPT:
            self._foreseen = _Foreseen(now, await self._keys.directory.first(_FORESEEN))


class _Foreseen(NamedTuple):
    """What the first keys are called, and when that was read."""

    read_at: datetime
    named: Named

    def told(self, key_ids: AbstractSet[str], now: datetime) -> dict[str, Mapping[str, Any]]:
        """The metadata of those among some keys that it covers; of keys it does not find, while it is new."""
        age, (aliases, last) = now - self.read_at, self.named
        covered = {one for one in key_ids if last is None or one <= last} if age < _KEPT else set()
        sure = covered if age < _ABSENT else covered & aliases.keys()
        return {one: _metadata(aliases.get(one), exists=one in aliases) for one in sure}


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


def _metadata(alias: str | None, *, exists: bool) -> dict[str, Any]:
    """LiteLLM's KeyMetadata."""
    return NAMELESS | {"key_alias": alias, "key_exists": exists}


def _batches(ids: Collection[str]) -> list[list[str]]:
    ordered = sorted(ids)
    return [ordered[n : n + _BATCH] for n in range(0, len(ordered), _BATCH)]
