"""The connections to AWS, against servers that behave as servers sometimes do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx2
import pytest

from tollgate.storage.wire import Wire

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def client_of(serve: Serve) -> AsyncIterator[httpx2.AsyncClient]:
    async def serve_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve_and_close, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    timeout = httpx2.Timeout(0.5, connect=0.5)
    client = httpx2.AsyncClient(transport=Wire(), base_url=f"http://127.0.0.1:{port}", timeout=timeout)
    async with server, client:
        yield client


async def request_body(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return await reader.readexactly(int(length.split(b":")[1]))


def answering(body: bytes, *, calls: int = 1000) -> tuple[Serve, list[bytes]]:
    """A server that answers so many requests a connection, and the connections it saw."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(b"connection")
        for _ in range(calls):
            try:
                seen.append(await request_body(reader))
            except asyncio.IncompleteReadError:
                break
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
            await writer.drain()

    return serve, seen


async def test_calls_in_a_row_share_one_connection() -> None:
    serve, seen = answering(b"{}")
    async with client_of(serve) as client:
        for n in range(3):
            assert (await client.post("/", content=b"%d" % n)).content == b"{}"
    assert seen == [b"connection", b"0", b"1", b"2"]


async def test_calls_side_by_side_get_connections_of_their_own() -> None:
    serve, seen = answering(b"{}")
    async with client_of(serve) as client:
        await asyncio.gather(*(client.post("/", content=b"x") for _ in range(5)))
    assert seen.count(b"x") == 5


async def test_a_kept_connection_that_the_server_closed_is_replaced() -> None:
    serve, seen = answering(b"{}", calls=1)
    async with client_of(serve) as client:
        for n in range(3):
            assert (await client.post("/", content=b"%d" % n)).is_success
    assert seen.count(b"connection") == 3


async def test_a_large_body_arrives_whole_and_is_on_the_wire_only_then() -> None:
    serve, seen = answering(b"y" * 3_000_000)
    sent = asyncio.Event()

    async def trace(_name: str, _info: object) -> None:
        sent.set()

    async with client_of(serve) as client:
        body = b"x" * 2_000_000
        answer = await client.post("/", content=body, extensions={"trace": trace})
    assert (answer.content, seen[1]) == (b"y" * 3_000_000, body)
    assert sent.is_set()


async def test_a_chunked_answer_is_put_together() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_body(reader)
        writer.write(b'HTTP/1.1 400 Bad\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{"\r\n')
        await writer.drain()
        writer.write(b'5\r\na":1}\r\n0\r\n\r\n')
        await writer.drain()

    async with client_of(serve) as client:
        answer = await client.post("/", content=b"x")
    assert (answer.status_code, answer.content) == (400, b'{"a":1}')


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"])
async def test_a_connection_that_breaks_off_is_an_error_not_an_answer(begun: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_body(reader)
        writer.write(begun)
        await writer.drain()

    async with client_of(serve) as client:
        with pytest.raises(httpx2.ReadError):
            await client.post("/", content=b"x")


async def test_a_server_that_says_nothing_times_out_and_its_connection_is_not_used_again() -> None:
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await request_body(reader))
        if len(seen) > 1:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        await reader.read()

    async with client_of(serve) as client:
        with pytest.raises(httpx2.ReadTimeout):
            await client.post("/", content=b"first")
        assert (await client.post("/", content=b"second")).is_success
    assert seen == [b"first", b"second"]


async def test_what_is_no_http_is_an_error() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_body(reader)
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        await reader.read()

    async with client_of(serve) as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.post("/", content=b"x")


async def test_nobody_there_is_a_connect_error() -> None:
    serve, _ = answering(b"{}")
    async with client_of(serve) as client:
        url = client.base_url
    async with httpx2.AsyncClient(transport=Wire()) as alone:
        with pytest.raises(httpx2.ConnectError):
            await alone.post(url, content=b"x")
