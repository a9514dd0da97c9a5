"""A stream from provider to client that is metered to its end, whatever the client does.

The provider is read by a task of its own, so that a client that hangs up cancels only its own half: the
reading goes on (bounded in time), because the provider charges for what it generates and says so at the end.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, NamedTuple

import httpx2

from tollgate import observability
from tollgate.errors import StoreUnavailable
from tollgate.records import Ending
from tollgate.upstream.client import Deadline
from tollgate.usage.sse import EventStream

_AHEAD: Final = 64  # chunks read ahead of a slow client
_running: Final[set["asyncio.Task[None]"]] = set()  # the event loop itself holds tasks only weakly


class Terms(NamedTuple):
    """How long a stream may go on: until the call's deadline, and for so many seconds without its client.

    `broken_off` is the event that ends a stream which the provider broke off.
    """

    deadline: Deadline
    drain_seconds: int
    broken_off: bytes


class Relay:
    """One stream on its way; `close` books how it ended before the client's stream ends."""

    def __init__(
        self,
        response: httpx2.Response,
        stream: EventStream,
        close: Callable[[Ending], Awaitable[None]],
        terms: Terms,
    ) -> None:
        self._response = response
        self._stream = stream
        self._close = close
        self._terms = terms
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(_AHEAD)
        self._client_gone = self._left_early = self._cut = False
        self._reader = asyncio.create_task(self._read())
        self._timer = asyncio.get_running_loop().call_at(terms.deadline, self._reader.cancel)
        pump = asyncio.create_task(self._pump())
        _running.add(pump)
        pump.add_done_callback(_running.discard)

    async def chunks(self) -> AsyncIterator[bytes]:
        """What the client gets: the provider's events, and an error event if the provider broke off."""
        try:
            while (chunk := await self._queue.get()) is not None:
                yield chunk
        except (asyncio.CancelledError, GeneratorExit):
            self._leave()
            raise

    def _leave(self) -> None:
        """The client is gone: free the reader, and give it only so long."""
        self._client_gone = True
        self._left_early = not self._stream.meter.done
        self._empty()
        asyncio.get_running_loop().call_later(self._terms.drain_seconds, self._reader.cancel)

    async def _pump(self) -> None:
        """Read to the end, book it, and only then end the client's stream."""
        await asyncio.wait({self._reader})
        self._timer.cancel()
        await self._response.aclose()
        try:
            await self._close(self._ending())
        except (
            StoreUnavailable
        ):  # the log holds the event, and the client has its answer: no more can be done
            observability.logger.exception("a streamed call could not be closed")
        if self._cut:
            await self._pass_on(self._terms.broken_off)
        await self._pass_on(None)

    async def _read(self) -> None:
        try:
            async for data in self._response.aiter_raw():
                for chunk in self._stream.feed(data):
                    await self._pass_on(chunk)
            await self._pass_on(self._stream.flush())
        except httpx2.TransportError:
            self._cut = True
            await self._pass_on(self._stream.flush())
        except (
            asyncio.CancelledError
        ):  # out of time: a client that reads nothing must not hold the booking up
            self._cut = True
            self._empty()

    async def _pass_on(self, chunk: bytes | None) -> None:
        if chunk != b"" and not self._client_gone:
            await self._queue.put(chunk)

    def _empty(self) -> None:
        while not self._queue.empty():
            self._queue.get_nowait()

    def _ending(self) -> Ending:
        if self._left_early:
            return "client_gone"
        whole = self._stream.meter.done or (self._stream.meter.stopped and not self._cut)
        return "finished" if whole else "upstream_cut"


async def drained() -> None:
    """Wait for every stream that is still being read: the process is about to end."""
    while _running:
        await asyncio.gather(*_running, return_exceptions=True)
