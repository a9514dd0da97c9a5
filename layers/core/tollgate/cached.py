"""What a warm process remembers for a few seconds: read once, by whoever asks first, and not for ever."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Final, Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_MOST: Final = 10_000


class _Kept(NamedTuple, Generic[V]):
    at: float
    value: V


class Cached(Generic[K, V]):
    """Values by key, each good for `ttl` seconds; the least recently used are forgotten first."""

    def __init__(self, read: Callable[[K], Awaitable[V]], ttl: float) -> None:
        self._read = read
        self._ttl = ttl
        self._kept: OrderedDict[K, _Kept[V]] = OrderedDict()
        self._reading: dict[K, asyncio.Task[V]] = {}

    async def get(self, key: K) -> V:
        """The value, read anew when it is old. Raises what reading raises."""
        found = self._kept.get(key)
        if found is not None and _now() - found.at < self._ttl:
            self._kept.move_to_end(key)
            return found.value
        return await self.fresh(key)

    async def fresh(self, key: K) -> V:
        """The value, read now, or by a reading that has just begun."""
        task = self._reading.get(key)
        if task is None:
            task = self._reading[key] = asyncio.create_task(self._refresh(key))
        return await asyncio.shield(task)

    def stale(self, key: K, default: V) -> V:
        """The value as it was last read, however old."""
        found = self._kept.get(key)
        return found.value if found else default

    async def _refresh(self, key: K) -> V:
        try:
            value = await self._read(key)
        finally:
            del self._reading[key]
        self._kept[key] = _Kept(_now(), value)
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return value


def _now() -> float:
    return asyncio.get_running_loop().time()
