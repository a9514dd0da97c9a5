"""What a warm process remembers of its reads (docs/decisions/0023-remembered-totals.md).

What is fresh is answered as it is; what is older is answered, too, and read anew meanwhile; what is older
still is read first. Questions at once share one read.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime, timedelta
from typing import Final, Generic, NamedTuple, TypeVar

from tollgate.queries.parallel import AT_ONCE

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Read = Callable[[int], Awaitable[V]]  # so many calls at once
MEANWHILE: Final = 1  # call at once, so that what is read anew keeps no other question waiting


class Age(NamedTuple):
    """Until when what was read is fresh, and until when it is answered with at all."""

    fresh: timedelta
    kept: timedelta


MINUTE: Final = Age(timedelta(minutes=1), timedelta(minutes=1))


class _Known(NamedTuple, Generic[V]):
    """An answer, and when its read began."""

    began: datetime
    value: V


class _Reading(NamedTuple, Generic[V]):
    """A read that is under way, and when it began."""

    began: datetime
    task: asyncio.Task[V]


class Remembered(Generic[K, V]):
    """Answers by what was asked, up to a weight; those not asked for the longest are forgotten first."""

    def __init__(self, most: int, weight: Callable[[V], int] = lambda _: 1) -> None:
        self._most = most
        self._weight = weight
        self._weights = 0
        self._known: OrderedDict[K, _Known[V]] = OrderedDict()
        self._reading: dict[K, _Reading[V]] = {}

    async def of(self, key: K, read: Read[V], now: datetime, age: Age = MINUTE) -> V:
        """What is remembered or read. Raises what the read does."""
        known = self._known.get(key)
        if known is None or now - known.began >= age.kept:
            return await asyncio.shield(self._begin(key, read, now, age, AT_ONCE))
        if now - known.began >= age.fresh:
            self._begin(key, read, now, age, MEANWHILE)
        self._known.move_to_end(key)
        return known.value

    def _begin(self, key: K, read: Read[V], now: datetime, age: Age, at_once: int) -> asyncio.Task[V]:
        """What reads it: begun now, or before by another question, but not too long ago.

        Lambda freezes what goes on meanwhile until the next question, which may be hours later.
        """
        known = self._reading.get(key)
        if known is not None and now - known.began < age.kept:
            return known.task
        task = asyncio.ensure_future(self._remember(key, read, now, at_once))
        self._reading[key] = _Reading(now, task)
        task.add_done_callback(lambda ended: self._ended(key, ended))
        return task

    def _ended(self, key: K, task: asyncio.Task[V]) -> None:
        """Nobody may be waiting for it: a failure is told to who asks next."""
        known = self._reading.get(key)
        if known is not None and known.task is task:
            del self._reading[key]
        if not task.cancelled():
            task.exception()

    async def _remember(self, key: K, read: Read[V], now: datetime, at_once: int) -> V:
        value = await read(at_once)
        known = self._known.get(key)
        if known is None or known.began <= now:  # a later read may have ended before
            self._keep(key, _Known(now, value))
        return value

    def _keep(self, key: K, known: _Known[V]) -> None:
        self._forget(key)
        self._known[key] = known
        self._weights += self._weight(known.value)
        while self._weights > self._most and len(self._known) > 1:
            self._forget(next(iter(self._known)))

    def _forget(self, key: K) -> None:
        if known := self._known.pop(key, None):
            self._weights -= self._weight(known.value)
