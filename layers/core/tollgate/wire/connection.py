"""One HTTP/1.1 connection: asyncio moves the bytes, httptools reads them. One exchange at a time."""

import asyncio
import select
from typing import Final, cast

import httptools
import httpx2

_READ_AHEAD: Final = 256 * 1024  # bytes kept for a slow reader before the sender is made to wait
_OK: Final = 200  # below it answers are interim, and another follows

Headers = list[tuple[bytes, bytes]]


class Connection(asyncio.Protocol):
    """A connection; after an exchange, `reusable` says whether another may follow."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._parser: httptools.HttpResponseParser
        self._waiter: asyncio.Future[None] | None = None
        self._headers: Headers
        self._chunks: list[bytes]
        self._unread: int
        self._headed: bool
        self._whole: bool
        self._kept: bool
        self._paused_reading: bool
        self._paused_writing: bool
        self._ends_with_connection: bool
        self._error: httpx2.TransportError | None
        self._lost = False
        self._begin()

    def send(self, request: bytes) -> None:
        """Begin an exchange."""
        self._begin()
        self._transport.write(request)

    async def flushed(self, seconds: float | None) -> None:
        """Wait until the kernel has the whole request, or no more of it is wanted. Raises ReadTimeout."""
        while self._paused_writing and not (self._headed or self._lost):
            await self._wait(seconds)

    async def head(self, seconds: float | None) -> tuple[int, Headers]:
        """The status and headers of the answer. Raises ReadTimeout, ReadError, RemoteProtocolError."""
        while not self._headed:
            await self._progress(seconds)
        return self._parser.get_status_code(), self._headers

    async def body(self, seconds: float | None) -> bytes:
        """What has come of the body since the last call, b"" at its end; raises as `head` does."""
        while not self._chunks and not self._whole:
            await self._progress(seconds)
        data = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks.clear()
        self._unread = 0
        if self._paused_reading:
            self._paused_reading = False
            self._transport.resume_reading()
        return data

    @property
    def reusable(self) -> bool:
        """Whether the exchange is over and the other side keeps the connection."""
        return self._whole and self._kept and not (self._paused_writing or self._lost)

    @property
    def silent(self) -> bool:
        """Whether nothing of an answer has come."""
        return not (self._headed or self._headers)

    def hung_up(self) -> bool:
        """Whether an idle connection has something to be read, which can only be its end.

        The event loop hears of it by itself, but not while a Lambda environment is frozen.
        """
        poll = select.poll()
        poll.register(self._transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # noqa: D102
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but its class
        self._transport.set_write_buffer_limits(high=1)  # one byte: at 0, asyncio's TLS pauses what is empty

    def pause_writing(self) -> None:  # noqa: D102
        self._paused_writing = True

    def resume_writing(self) -> None:  # noqa: D102
        self._paused_writing = False
        self._wake()

    def data_received(self, data: bytes) -> None:  # noqa: D102
        if self._whole:  # bytes that nobody asked for
            self._transport.abort()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(httpx2.RemoteProtocolError(f"not HTTP: {error}"))
            self._transport.abort()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: D102
        self._lost = True
        if self._headed and self._ends_with_connection and exc is None:
            self._whole = True
        elif not self._whole:
            self._fail(httpx2.ReadError(str(exc or "the connection was closed")))
        self._wake()

    # What httptools calls.

    def on_message_begin(self) -> None:  # noqa: D102
        self._headers = []

    def on_header(self, name: bytes, value: bytes) -> None:  # noqa: D102
        self._headers.append((name, value))
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self._ends_with_connection = False

    def on_headers_complete(self) -> None:  # noqa: D102
        self._headed = self._parser.get_status_code() >= _OK

    def on_body(self, body: bytes) -> None:  # noqa: D102
        self._chunks.append(body)
        self._unread += len(body)
        if self._unread > _READ_AHEAD and not self._paused_reading:
            self._paused_reading = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:  # noqa: D102
        self._whole = self._headed
        self._kept = self._parser.should_keep_alive()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers = []
        self._chunks = []
        self._unread = 0
        self._headed = self._whole = self._kept = False
        self._paused_reading = self._paused_writing = False
        self._ends_with_connection = True
        self._error = None

    async def _progress(self, seconds: float | None) -> None:
        if self._error is not None:
            raise self._error
        await self._wait(seconds)

    async def _wait(self, seconds: float | None) -> None:
        """Wait for the next thing to happen. A timer of its own costs a third of asyncio.timeout."""
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_later(seconds, self._late) if seconds is not None else None
        try:
            await self._waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()

    def _late(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(httpx2.ReadTimeout("nothing came within the time allowed"))

    def _fail(self, error: httpx2.TransportError) -> None:
        self._error = self._error or error

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
