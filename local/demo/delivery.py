"""Bytes on the wire: whole, piece by piece, or broken off."""

import asyncio
import logging
from contextlib import suppress

from starlette.types import Message, Receive, Send

from local.demo.endpoint import RawHeaders

EVENT_STREAM = (b"content-type", b"text/event-stream; charset=utf-8")


class Connection:
    """One attempt's connection to its client; uvicorn closes it on an answer that is left unfinished."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._client_left: asyncio.Future[Message] | None = None

    async def start(self, status: int, headers: RawHeaders) -> None:
        """Send the status and the headers."""
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def piece(self, body: bytes) -> None:
        """Send a piece of the body, of which more is to come."""
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def finish(self, body: bytes = b"") -> None:
        """Send the last piece of the body, and in a chunked one its terminating chunk."""
        await self._send({"type": "http.response.body", "body": body})

    async def hang_up(self) -> None:
        """Close before the first byte.

        ASGI has no word for it. But uvicorn counts a response as started before it looks at the headers, and
        closes the connection on an application that leaves a started response unfinished: so a header that
        it must reject closes it without a byte. Both its HTTP/1 implementations do; nothing private is used.
        """
        with suppress(Exception):
            await self.start(200, [(b"\0", b"")])

    async def client_leaves_within(self, seconds: float) -> bool:
        """Wait for so long, or until the client hangs up; whether it did."""
        left = self._client_left or asyncio.ensure_future(self._receive())
        self._client_left = left  # the body has been read: the hang-up is all there is left to receive
        if seconds:
            await asyncio.wait({left}, timeout=seconds)
        else:
            await asyncio.sleep(0)  # a turn of the loop: enough to hear of it, and many times cheaper
        return left.done()

    def close(self) -> None:
        """Stop listening for the client."""
        if self._client_left is not None:
            self._client_left.cancel()


def not_ours(record: logging.LogRecord) -> bool:
    """Keep uvicorn's complaints about unfinished responses out of the log: each is a fault asked for."""
    return "without completing response" not in record.getMessage()
