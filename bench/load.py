"""The load: chat calls over keep-alive connections, one at a time on each, in a process of its own.

`python -m bench.load URL CONNECTIONS CALLS whole|stream` prints, as JSON, the seconds each call took to its
last byte and the seconds all took. Plain sockets, because the cheaper the client, the truer its clock.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import msgspec

from bench.processes import HOST, KEY

CUSTOMERS: Final = 20
_QUESTIONS: Final = 50  # the demo provider answers each with 5 to 40 tokens, a chunk each
_OK: Final = b"HTTP/1.1 200"


class Result(msgspec.Struct):
    """What was measured, in seconds."""

    latencies: list[float]
    elapsed: float


def main(url: str, connections: int, calls: int, kind: str) -> Result:
    """Make so many calls over so many connections. Raises RuntimeError for any status but 200."""
    return asyncio.run(_all(url, connections, [_request(url, n, kind == "stream") for n in range(calls)]))


async def _all(url: str, connections: int, requests: list[bytes]) -> Result:
    waiting, latencies, port = iter(requests), list[float](), urlsplit(url).port or 80
    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_connection(port, waiting, latencies))
    return Result(latencies, time.perf_counter() - start)


async def _connection(port: int, waiting: Iterator[bytes], latencies: list[float]) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    for request in waiting:
        start = time.perf_counter()
        writer.write(request)
        await _answer(reader)
        latencies.append(time.perf_counter() - start)
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if not head.startswith(_OK.lower()):
        raise RuntimeError(f"a call was answered: {head.decode()}")
    length = head.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
    if length:
        await reader.readexactly(int(length))
        return
    received = b""
    while not received.endswith(b"\r\n0\r\n\r\n"):
        received = received[-16:] + await reader.read(65536)


def _request(url: str, number: int, stream: bool) -> bytes:
    question = {"role": "user", "content": f"What does bridge {number % _QUESTIONS} weigh?"}
    body = {"model": "gpt-4o-mini", "messages": [question], "user": f"customer-{number % CUSTOMERS}"}
    raw = msgspec.json.encode({**body, "stream": True} if stream else body)
    path = f"{urlsplit(url).path}/chat/completions"
    head = f"POST {path} HTTP/1.1\r\nhost: {HOST}\r\nauthorization: Bearer {KEY}\r\n"
    return f"{head}content-type: application/json\r\ncontent-length: {len(raw)}\r\n\r\n".encode() + raw


if __name__ == "__main__":
    sys.stdout.buffer.write(
        msgspec.json.encode(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
    )
