"""The transport against servers that behave in every way a server may."""

import asyncio
import contextlib
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from tollgate.wire import transport
from tollgate.wire.transport import KeepAlive

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Says what a test wants it to; counts connections and keeps what it was sent."""

    def __init__(self) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self.url = ""


@asynccontextmanager
async def serving(*answers: bytes | Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    served, left = Server(), list(answers)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.connections += 1
        try:
            while left:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
                served.requests.append(head + await reader.readexactly(length))
                answer = left.pop(0)
                if isinstance(answer, bytes):
                    writer.write(answer)
                else:
                    await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    served.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/path?q=1"
    yield served
    server.close()


def client(timeout: float = 5, own: KeepAlive | None = None) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=own or KeepAlive(keepalive_expiry=60), timeout=timeout)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


async def test_connection_is_used_again() -> None:
    async with serving(OK, OK, OK) as server, client() as http:
        for _ in range(3):
            answer = await http.post(server.url, content=b"body", headers={"X-One": "1"})
            assert (answer.status_code, answer.content) == (200, b"hi")
    assert server.connections == 1
    assert server.requests[0].startswith(b"POST /path?q=1 HTTP/1.1\r\n")
    assert b"\r\nX-One: 1\r\n" in server.requests[0]
    assert server.requests[0].endswith(b"\r\n\r\nbody")


async def test_calls_at_once_have_connections_of_their_own() -> None:
    async with serving(*[OK] * 5) as server, client() as http:
        answers = await asyncio.gather(*(http.post(server.url) for _ in range(5)))
    assert [each.content for each in answers] == [b"hi"] * 5
    assert server.connections == 5


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
        b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
    ],
)
async def test_framings(answer: bytes) -> None:
    async with serving(answer, answer) as server, client() as http:
        for _ in range(2):
            received = await http.post(server.url)
            assert (received.status_code, received.content) == (200, b"hi")
            assert "link" not in received.headers
    assert server.connections == 1


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
async def test_body_until_the_connection_ends(version: bytes) -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(version + b" 200 OK\r\n\r\nhi")
        writer.close()

    async with serving(talk) as server, client() as http:
        assert (await http.post(server.url)).content == b"hi"


@pytest.mark.parametrize(
    "start", [b"", b"HTTP/1.1 200 OK\r\ncontent-le", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi"]
)
async def test_broken_off(start: bytes) -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        writer.close()

    async with serving(talk, OK) as server, client() as http:
        with pytest.raises(httpx2.TransportError):
            await http.post(server.url)
        assert (await http.post(server.url)).content == b"hi"


async def test_reset() -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nhi")
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()

    async with serving(talk) as server, client() as http:
        try:
            body = (await http.post(server.url)).content
        except httpx2.TransportError:
            body = b"hi"
        assert body == b"hi"


async def test_nonsense() -> None:
    async with serving(b"SSH-2.0-OpenSSH\r\n\r\n", OK) as server, client() as http:
        with pytest.raises(httpx2.RemoteProtocolError):
            await http.post(server.url)
        assert (await http.post(server.url)).content == b"hi"


async def test_silence_times_out() -> None:
    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(talk) as server, client(0.05) as http:
        with pytest.raises(httpx2.ReadTimeout):
            await http.post(server.url)


async def test_silence_within_a_body_times_out() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi")
        await reader.read()

    async with serving(talk) as server, client(0.05) as http:
        with pytest.raises(httpx2.ReadTimeout):
            await http.post(server.url)


async def test_nobody_there() -> None:
    async with client() as http:
        with pytest.raises(httpx2.ConnectError):
            await http.post("http://127.0.0.1:1/")


async def test_connection_closed_while_idle_is_not_used() -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        writer.close()

    async with serving(talk, OK) as server, client() as http:
        await http.post(server.url)
        await asyncio.sleep(0.05)
        assert (await http.post(server.url)).content == b"hi"
    assert server.connections == 2


async def test_connection_closed_while_frozen_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The event loop has not heard of the end yet; the socket has."""
    monkeypatch.setattr(transport, "_POLLED_AFTER", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=_answer_one_call_a_connection, args=(listener, 2))
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        async with client() as http:
            for _ in range(2):
                assert (await http.post(url)).content == b"hi"
                time.sleep(0.05)  # noqa: ASYNC251 - the freeze
        server.join()


def _answer_one_call_a_connection(listener: socket.socket, connections: int) -> None:
    for _ in range(connections):
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(OK)
            time.sleep(0.02)


async def test_closing_header_is_heeded() -> None:
    answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi"
    async with serving(answer, OK) as server, client() as http:
        for _ in range(2):
            assert (await http.post(server.url)).content == b"hi"
    assert server.connections == 2


async def test_answer_left_unread_does_not_spoil_the_next() -> None:
    big = b"HTTP/1.1 200 OK\r\ncontent-length: 5000000\r\n\r\n" + b"x" * 5_000_000
    async with serving(big, OK) as server, client() as http:
        async with http.stream("POST", server.url):
            pass
        assert (await http.post(server.url)).content == b"hi"


async def test_slow_reader_makes_the_sender_wait() -> None:
    sent = 0

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n")
        for _piece in range(500):
            writer.write(b"x" * 100_000)
            await writer.drain()
            sent += 100_000

    async with serving(talk) as server, client() as http, http.stream("POST", server.url) as answer:
        await asyncio.sleep(0.2)
        assert sent < 20_000_000
        assert len(await answer.aread()) == 50_000_000


async def test_large_request_is_sent_whole_before_the_trace_says_so() -> None:
    body = b"x" * 20_000_000
    events: list[str] = []

    async def trace(name: str, _: object) -> None:
        events.append(name)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)

    async with serving(talk) as server, client() as http:
        answer = await http.post(server.url, content=body, extensions={"trace": trace})
    assert answer.content == b"hi"
    assert server.requests[0].endswith(body)
    assert events == ["http11.send_request_body.complete"]


async def test_forged_header_is_refused() -> None:
    async with serving(OK) as server, client() as http:
        with pytest.raises(httpx2.LocalProtocolError):
            await http.post(server.url, headers={"authorization": "Bearer x\r\nx-evil: 1"})
    assert server.connections == 0


async def test_cancelled_call_does_not_spoil_the_next() -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad")

    async with serving(talk, OK) as server, client() as http:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await http.post(server.url)
        assert (await http.post(server.url)).content == b"hi"


@pytest.fixture
def certified(tmp_path: Path) -> Path:
    command = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -days 1 -subj /CN=x"
    named = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command.split(), *named], cwd=tmp_path, check=True, capture_output=True)  # noqa: S603
    return tmp_path


async def test_tls(certified: Path) -> None:
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certified / "cert", certified / "key")
    async with serving(OK, tls=own) as stranger, client() as http:
        with pytest.raises(httpx2.ConnectError):
            await http.post(stranger.url)
    trusting = KeepAlive(keepalive_expiry=60, tls=ssl.create_default_context(cafile=str(certified / "cert")))
    async with serving(OK, OK, tls=own) as server, client(own=trusting) as http:
        for _ in range(2):
            assert (await http.post(server.url, content=b"x" * 3_000_000)).content == b"hi"
    assert server.connections == 1


async def test_only_a_call_that_may_be_repeated_is() -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)

    async def vanish(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        await writer.wait_closed()

    for repeats, calls in ((True, 3), (False, 2)):
        own = KeepAlive(keepalive_expiry=60, repeats=repeats)
        async with serving(talk, vanish, OK) as server, client(own=own) as http:
            await http.post(server.url)
            with contextlib.nullcontext() if repeats else pytest.raises(httpx2.TransportError):
                await http.post(server.url)
        assert len(server.requests) == calls
