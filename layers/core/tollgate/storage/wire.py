"""HTTP/1.1 to AWS, over connections that are kept: one write out, one parse in.

A transport for httpx2 instead of its own, which needs 0.7 ms more of CPU for each of the small requests that
a ledger is made of: it sends head and body apart and goes through three layers of locks and cancel scopes
(docs/decisions/0002-own-dynamodb-client.md). Parsing is httptools', the parser that uvicorn serves with.
"""

import asyncio
import ssl
from collections import defaultdict
from functools import lru_cache
from typing import Any, Final

import httptools
import httpx2

_KEPT: Final = 100  # idle connections for each origin

Origin = tuple[str, str, int]


class Wire(httpx2.AsyncBaseTransport):
    """Sends whole requests and answers with whole responses. Raises httpx2.TransportError."""

    def __init__(self) -> None:
        self._idle: defaultdict[Origin, list[_Connection]] = defaultdict(list)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Exchange a request; a kept connection that turns out to be closed is replaced once."""
        url = request.url
        origin = (url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80))
        data = _bytes_of(request)
        while connection := self._kept(origin):
            try:
                return await self._exchange(connection, origin, data, request)
            except httpx2.WriteError:
                continue
        return await self._exchange(await self._connect(origin, request), origin, data, request)

    async def aclose(self) -> None:
        """Close what is kept."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()

    def _kept(self, origin: Origin) -> "_Connection | None":
        while self._idle[origin]:
            connection = self._idle[origin].pop()
            if not connection.closed:
                return connection
        return None

    async def _connect(self, origin: Origin, request: httpx2.Request) -> "_Connection":
        scheme, host, port = origin
        tls = _tls() if scheme == "https" else None
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(request.extensions["timeout"]["connect"]):
                _, connection = await loop.create_connection(_Connection, host, port, ssl=tls)
        except TimeoutError as error:
            raise httpx2.ConnectTimeout("no connection in time") from error
        except OSError as error:
            raise httpx2.ConnectError(str(error)) from error
        return connection

    async def _exchange(
        self, connection: "_Connection", origin: Origin, data: bytes, request: httpx2.Request
    ) -> httpx2.Response:
        try:
            async with asyncio.timeout(request.extensions["timeout"]["read"]):
                response = await connection.exchange(data, request.extensions.get("trace"))
        except TimeoutError as error:
            connection.close()
            raise httpx2.ReadTimeout("no answer in time") from error
        except BaseException:
            connection.close()
            raise
        if connection.keep_alive and len(self._idle[origin]) < _KEPT:
            self._idle[origin].append(connection)
        else:
            connection.close()
        return response


class _Connection(asyncio.Protocol):
    """One connection, with at most one request under way; httptools calls the `on_` methods."""

    def __init__(self) -> None:
        self.closed = self.keep_alive = False
        self._used = False
        self._answer: asyncio.Future[httpx2.Response] | None = None
        self._written = asyncio.Event()

    async def exchange(self, data: bytes, trace: Any) -> httpx2.Response:
        """Send a whole request and wait for its whole answer; `trace` hears when the last byte has left."""
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._body = bytearray()
        self._answer = asyncio.get_running_loop().create_future()
        self._written.set()
        self._transport.write(data)
        if trace is not None:
            await self._written.wait()
            await trace("http11.send_request_body.complete", {})
        return await self._answer

    def close(self) -> None:
        """Give the connection up."""
        self.closed = True
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask to be told whenever a byte waits to be written."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream's transport
        transport.set_write_buffer_limits(high=0)
        self._transport = transport

    def pause_writing(self) -> None:
        """Bytes wait for the kernel."""
        self._written.clear()

    def resume_writing(self) -> None:
        """The kernel has every byte."""
        self._written.set()

    def data_received(self, data: bytes) -> None:
        """Parse what came."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(httpx2.RemoteProtocolError(str(error)))
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more will come; a connection that was used before was closed between two requests."""
        self.closed = True
        self._written.set()
        kind = httpx2.WriteError if self._used and not self._headers else httpx2.ReadError
        self._fail(kind(str(exc or "the connection was closed before an answer")))

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._headers.append((name, value))

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """The answer is whole."""
        self.keep_alive = self._used = self._parser.should_keep_alive()
        response = httpx2.Response(
            self._parser.get_status_code(), headers=self._headers, content=bytes(self._body)
        )
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(response)

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)


def _bytes_of(request: httpx2.Request) -> bytes:
    head = [b"%b %b HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    head += [b"%b: %b" % header for header in request.headers.raw]
    return b"\r\n".join(head) + b"\r\n\r\n" + request.content


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
