"""httpx2's transport at a fifth of its CPU: for plain HTTP/1.1 over keep-alive connections, without proxies.

httpx2's own costs 0.6 ms of CPU and more a call, and a proxied call makes three: most of what it costs
(docs/decisions/0002-own-dynamodb-client.md). Clients, requests and responses stay httpx2's.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

import httpx2

from tollgate.wire.connection import Connection

_POLLED_AFTER: Final = 1.0  # seconds idle; before, the event loop has heard of a connection's end
_KEPT: Final = 100  # idle connections to an origin
_PORTS: Final = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Where connections lead."""

    scheme: str
    host: str
    port: int


@dataclass(slots=True)
class _Idle:
    """Idle connections to one origin, each with when it was put here; the latest is used first."""

    expiry: float
    stack: list[tuple[Connection, float]] = field(default_factory=list)

    def take(self) -> Connection | None:
        now = asyncio.get_running_loop().time()
        while self.stack:
            connection, since = self.stack.pop()
            idle = now - since
            if (
                connection.reusable
                and idle < self.expiry
                and not (idle > _POLLED_AFTER and connection.hung_up())
            ):
                return connection
            connection.abort()
        return None

    def put(self, connection: Connection) -> None:
        if not connection.reusable or len(self.stack) >= _KEPT:
            connection.abort()
        else:
            self.stack.append((connection, asyncio.get_running_loop().time()))


class _Body(httpx2.AsyncByteStream):
    """An answer's body; closing it gives the connection back, or ends it when the body was not read whole."""

    def __init__(self, connection: Connection, idle: _Idle, timeout: float | None) -> None:
        self._connection = connection
        self._idle: _Idle | None = idle
        self._timeout = timeout

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while data := await self._connection.body(self._timeout):
            yield data

    async def aclose(self) -> None:
        if self._idle is not None:
            self._idle.put(self._connection)
            self._idle = None


class KeepAlive(httpx2.AsyncBaseTransport):
    """Used by one event loop. Raises httpx2.TransportError of the kind that httpx2's own transport raises.

    A kept connection may be closed by the other side just when a request is written to it. Only where a
    request may be made twice (`repeats`) is it then made again, over another connection.
    """

    def __init__(
        self, *, keepalive_expiry: float, repeats: bool = False, tls: ssl.SSLContext | None = None
    ) -> None:
        self._expiry = keepalive_expiry
        self._repeats = repeats
        self._idle: dict[Origin, _Idle] = {}
        self._tls = tls

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; the answer's body is still to be read, and to be closed."""
        origin = _origin(request.url)
        message = _head(request) + await request.aread()
        idle = self._idle.setdefault(origin, _Idle(self._expiry))
        while connection := idle.take():
            try:
                return await _exchange(connection, idle, message, request)
            except httpx2.ReadError:
                if not (self._repeats and connection.silent):
                    raise
        connection = await self._connect(origin, _timeouts(request).get("connect"))
        return await _exchange(connection, idle, message, request)

    async def aclose(self) -> None:
        """Close the idle connections."""
        for idle in self._idle.values():
            while connection := idle.take():
                connection.abort()

    async def _connect(self, origin: Origin, seconds: float | None) -> Connection:
        tls = (self._tls or _trusted()) if origin.scheme == "https" else None
        try:
            async with asyncio.timeout(seconds):
                loop = asyncio.get_running_loop()
                _, connection = await loop.create_connection(Connection, origin.host, origin.port, ssl=tls)
        except TimeoutError as error:
            raise httpx2.ConnectTimeout("no connection within the time allowed") from error
        except OSError as error:
            raise httpx2.ConnectError(str(error)) from error
        return connection


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """What httpx2 trusts; made once, because reading the certificates takes tens of milliseconds."""
    context = httpx2.create_ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


async def _exchange(
    connection: Connection, idle: _Idle, message: bytes, request: httpx2.Request
) -> httpx2.Response:
    timeouts = _timeouts(request)
    try:
        connection.send(message)
        await connection.flushed(timeouts.get("write"))
        if trace := request.extensions.get("trace"):
            await trace("http11.send_request_body.complete", {"request": request})
        status, headers = await connection.head(timeouts.get("read"))
    except BaseException:
        connection.abort()
        raise
    return httpx2.Response(status, headers=headers, stream=_Body(connection, idle, timeouts.get("read")))


def _timeouts(request: httpx2.Request) -> dict[str, float | None]:
    timeouts: dict[str, float | None] = request.extensions.get("timeout", {})
    return timeouts


def _origin(url: httpx2.URL) -> Origin:
    if url.scheme not in _PORTS or not url.host:
        raise httpx2.UnsupportedProtocol(
            f"an address must begin with http:// or https:// and name a host: {url}"
        )
    return Origin(url.scheme, url.host, url.port or _PORTS[url.scheme])


def _head(request: httpx2.Request) -> bytes:
    """The request line and headers. Raises LocalProtocolError for a line break in one: it forges others."""
    lines = [b"%b: %b" % header for header in request.headers.raw]
    head = b"%b %b HTTP/1.1\r\n%b\r\n\r\n" % (
        request.method.encode(),
        request.url.raw_path,
        b"\r\n".join(lines),
    )
    if head.count(b"\n") != len(lines) + 2 or head.count(b"\r") != len(lines) + 2 or b"\0" in head:
        raise httpx2.LocalProtocolError("a header has a line break in it")
    return head
