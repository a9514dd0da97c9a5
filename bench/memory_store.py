"""A store in memory: as much of DynamoDB's protocol as a proxied call uses, in a process of its own.

It keeps what PutItem puts, has nothing else to tell (a customer has no limits), and answers at once, so what
is left to measure is the gateway. The gateway still signs, sends and parses every call: its client is the one
it has on AWS.

`python -m bench.memory_store PORT` runs it.
"""

import asyncio
import sys
from typing import Any, Final

import msgspec

from bench.processes import HOST

_ANSWER: Final = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: 2\r\n\r\n{}"
_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = b"\r\ncontent-length:"
_PUT: Final = b".putitem\r\n"  # the end of its x-amz-target

ITEMS: dict[tuple[str, str], Any] = {}


class Put(msgspec.Struct):
    """A PutItem of the ledger: the item in typed JSON."""

    item: dict[str, dict[str, Any]] = msgspec.field(name="Item")


class Connection(asyncio.Protocol):
    """One client; requests come one after another."""

    def __init__(self) -> None:
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where answers go."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a TCP server is given
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._data += data
        while (request := self._next()) is not None:
            head, body = request
            if _PUT in head:
                item = msgspec.json.decode(body, type=Put).item
                ITEMS[item["day_slot"]["S"], item["request_id"]["S"]] = item
            self._transport.write(_ANSWER)

    def _next(self) -> tuple[bytes, bytes] | None:
        """Head, in lower case, and body of a request."""
        head, end, rest = self._data.partition(_END_OF_HEAD)
        if not end:
            return None
        told = head.lower() + b"\r\n"
        length = int(told.partition(_LENGTH)[2].partition(b"\r\n")[0])
        if len(rest) < length:
            return None
        self._data = rest[length:]
        return told, rest[:length]


async def main(port: int) -> None:
    """Serve until stopped."""
    server = await asyncio.get_running_loop().create_server(Connection, HOST, port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
