"""Refused calls, which leave nothing in the ledger: added up in memory, written once a second at most.

A statistic, not money. What a killed process had not written is lost; where the answer to a write was lost,
the write is made again, and may then have been made twice (docs/decisions/0022-refused-calls.md).
"""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from tollgate import days, observability
from tollgate.errors import RateLimited, TollgateError
from tollgate.ids import SLOTS
from tollgate.storage.aws import AwsError, AwsUnavailable
from tollgate.storage.counter_keys import CounterKey
from tollgate.storage.refusals import RefusalCounters, refused, refused_total

_FAILURE: Final = 500  # the first status that says that something failed, not that a rule refused
_PAUSE: Final = 1.0  # seconds between writes
_LONGEST_PAUSE: Final = 60.0  # while the table cannot be reached
_LAST: Final = 2.0  # seconds to write what stands when the process ends
_MOST: Final = 500  # counters between two writes
_Sums = Counter[CounterKey]


class RefusalTally:
    """Adds up one event loop's refused calls by customer, day of a zone and reason."""

    def __init__(self, counters: RefusalCounters, zone: str) -> None:
        self._counters = counters
        self._zone = zone
        self._slot = random.randrange(SLOTS)  # noqa: S311 - spreads the processes
        self._sums = _Sums()
        self._pause = _PAUSE
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None

    def add(self, customer_id: str, error: TollgateError) -> None:
        """Count a refused call, by nothing but memory; an error that is a failure is no refusal.

        Of more customers than are kept apart until the next write, only the total counts.
        """
        if error.status >= _FAILURE:
            return
        day, reason = days.reporting_day(datetime.now(UTC), self._zone), reason_of(error)
        self._sums[refused_total(day, self._slot, reason)] += 1
        own = refused(customer_id, day, reason)
        if own in self._sums or len(self._sums) < _MOST:
            self._sums[own] += 1
        self._wake()

    async def flush(self) -> None:
        """Write what stands, as far as a short time allows: the process is about to end."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST):
                if self._writing is not None:
                    await self._writing
                await self._write()

    def _wake(self) -> None:
        if self._timer is None and self._writing is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause, self._begin)

    def _begin(self) -> None:
        self._timer = None
        self._writing = asyncio.create_task(self._write_in_time())

    async def _write_in_time(self) -> None:
        try:
            written = await self._write()
            self._pause = _PAUSE if written else min(2 * self._pause, _LONGEST_PAUSE)
        finally:
            self._writing = None
            if self._sums:
                self._wake()

    async def _write(self) -> bool:
        """Whether the table could be reached; what was not written stands for the next time.

        One counter after another: a storm of refusals makes no storm of writes.
        """
        standing, self._sums = self._sums, _Sums()
        try:
            while standing:
                key, calls = standing.popitem()
                try:
                    await self._counters.add(key, calls)
                except AwsUnavailable as error:
                    standing[key] = calls
                    observability.logger.warning("refused calls wait", extra={"reason": str(error)})
                    return False
                except AwsError as error:  # it would be refused for ever
                    observability.logger.error("refused calls are lost", extra={"reason": str(error)})
        finally:
            self._sums.update(standing)
        return True


def reason_of(error: TollgateError) -> str:
    """Why a call was refused: the type that its caller is told, of a rate the field that limits it."""
    if isinstance(error, RateLimited):
        return str(error.details.get("limit_type", error.type)).partition(" ")[0]
    return error.type
