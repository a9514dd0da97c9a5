"""A stream from provider to client that is metered to its end, whatever the client does.

The provider is read by a task of its own, so that a client that hangs up cancels only its own half: the
reading goes on (bounded in time), because the provider charges for what it generates and says so at the end.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple, Self

import httpx2

from tollgate import observability
from tollgate.errors import HungUp, UpstreamTimeout, UpstreamUnreachable
from tollgate.records import Ending
from tollgate.upstream.client import Deadline
from tollgate.upstream.frames import BrokenFrame
from tollgate.usage.sse import Stream

_AHEAD: Final = 64  # chunks read ahead of a slow client
_BROKEN: Final = ("upstream_cut", "timed_out", "gateway_error")
_running: Final[set["asyncio.Task[None]"]] = set()  # the event loop itself holds tasks only weakly


class Terms(NamedTuple):
    """How long a stream may go on: until the call's deadline, and for so many seconds without its client.

    `last_words` tell a client that the stream broke off; a sound has none: the connection is broken instead.
    """

    deadline: Deadline
    drain_seconds: int
    last_words: Callable[[UpstreamUnreachable], bytes] | None


class Relay:
    """One stream on its way; `close` books how it ended before the client's stream ends."""

    def __init__(
        self,
        response: httpx2.Response,
        stream: Stream,
        close: Callable[[Ending], Awaitable[None]],
        terms: Terms,
    ) -> None:
        self._response = response
        self._stream = stream
        self._close = close
        self._terms = terms
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(_AHEAD)
        self.began: datetime | None = None  # when the first bytes of the answer came
        self._client_gone = self._left_early = self._ended = False
        self._cut = self._late = self._faulty = False
        self._broken: UpstreamUnreachable | None = None
        self._reader = asyncio.create_task(self._read())
        self._timer = asyncio.get_running_loop().call_at(terms.deadline, self._time_is_up)
        pump = asyncio.create_task(self._pump())
        _running.add(pump)
        pump.add_done_callback(_running.discard)

    def __aiter__(self) -> Self:
        """What the client gets: the provider's events, and an error event if the provider broke off."""
        return self

    async def __anext__(self) -> bytes:
        """The next bytes for the client. Raises UpstreamUnreachable when nothing else can tell of it."""
        chunk = None if self._ended else await self._queue.get()
        if chunk is not None:
            return chunk + self._waiting()
        self._ended = True
        if self._broken is not None:
            raise self._broken
        raise StopAsyncIteration

    def _waiting(self) -> bytes:
        """What has come meanwhile, so that a burst of events is one write to the client."""
        chunks: list[bytes] = []
        while not self._queue.empty():
            if (chunk := self._queue.get_nowait()) is None:
                self._ended = True
                break
            chunks.append(chunk)
        return b"".join(chunks)

    async def aclose(self) -> None:
        """Whoever asked for the stream takes no more, and may never have begun: the reader gets so long."""
        if self._ended or self._client_gone:
            return
        self._client_gone = True
        self._left_early = not self._stream.meter.done
        self._empty()
        asyncio.get_running_loop().call_later(self._terms.drain_seconds, self._reader.cancel)

    async def _pump(self) -> None:
        """Read to the end, book it, and only then end the client's stream."""
        (failure,) = await asyncio.gather(self._reader, return_exceptions=True)
        if failure is not None:
            self._faulty = True
            observability.logger.error("a stream could not be read", exc_info=failure)
        self._timer.cancel()
        ending = self._ending()
        try:
            await self._response.aclose()
            await self._close(ending)
        except Exception:  # noqa: BLE001 - whatever it is, the client has its answer, and must not wait on
            observability.logger.exception("a streamed call could not be closed")
        if ending in _BROKEN:
            await self._break_off()
        await self._pass_on(None)

    async def _read(self) -> None:
        try:
            async for data in self._response.aiter_bytes():
                self.began = self.began or datetime.now(UTC)
                await self._pass_on(b"".join(self._stream.feed(data)))
            rest = self._stream.flush()
            if self._ending() not in _BROKEN:
                await self._pass_on(rest)
        except (httpx2.RequestError, BrokenFrame):
            self._cut = True
        except (
            asyncio.CancelledError
        ):  # out of time: a client that reads nothing must not hold the booking up
            self._cut = True
            self._empty()
        self._stream.flush()  # half an event is metered, but would only garble the error event after it

    def _time_is_up(self) -> None:
        self._late = True
        self._reader.cancel()

    async def _break_off(self) -> None:
        told: UpstreamUnreachable = HungUp("The provider broke the stream off.")
        if self._late:
            told = UpstreamTimeout("The provider took longer than a call may take.")
        if self._terms.last_words is None:
            self._broken = told
        else:
            await self._pass_on(self._terms.last_words(told))

    async def _pass_on(self, chunk: bytes | None) -> None:
        if chunk != b"" and not self._client_gone:
            await self._queue.put(chunk)

    def _empty(self) -> None:
        while not self._queue.empty():
            self._queue.get_nowait()

    def _ending(self) -> Ending:
        meter = self._stream.meter
        if self._faulty:
            return "gateway_error"
        if self._left_early:
            return "client_gone"
        if meter.failed:
            return "upstream_error"
        if self._stream.odd and not self._cut:
            return "nonsense"
        if meter.done or (meter.stopped and not self._cut):
            return "finished"
        return "timed_out" if self._late else "upstream_cut"


async def drained() -> None:
    """Wait for every stream that is still being read: the process is about to end."""
    while _running:
        await asyncio.gather(*_running, return_exceptions=True)
