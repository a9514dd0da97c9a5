"""A transport that notes when each request was sent and answered, and can hold every answer back."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import httpx2


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and the head of its answer; times in seconds of one clock."""

    name: str
    sent: float
    answered: float


class Timeline(httpx2.AsyncBaseTransport):
    """Passes requests on; each answer comes `hold` seconds later, which shows what waits for what."""

    def __init__(self, exchanges: list[Exchange], name: str, hold: float) -> None:
        self._inner = httpx2.AsyncHTTPTransport(trust_env=False)
        self._exchanges = exchanges
        self._name = name
        self._hold = hold

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send, hold, note."""
        sent = time.perf_counter()
        response = await self._inner.handle_async_request(request)
        await asyncio.sleep(self._hold)
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        name = " ".join(filter(None, (self._name, operation)))
        self._exchanges.append(Exchange(name, sent, time.perf_counter()))
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class Order(NamedTuple):
    """How many of the store's round trips stood before, beside and after the one to the provider.

    All stand before a call that is not made.
    """

    before: int
    beside: int
    after: int


def order(exchanges: list[Exchange], store: str, provider: str) -> Order:
    """Sort a call's exchanges; sent before the provider answered, but not waited for, is beside it."""
    stored = [each for each in exchanges if each.name.startswith(store)]
    upstream = next((each for each in exchanges if each.name == provider), None)
    if upstream is None:
        return Order(len(stored), 0, 0)
    before = sum(each.answered <= upstream.sent for each in stored)
    after = sum(each.sent >= upstream.answered for each in stored)
    return Order(before, len(stored) - before - after, after)


def in_milliseconds(exchanges: list[Exchange], start: float) -> Iterator[tuple[str, str, str]]:
    """Name, sent and answered, in order, in milliseconds since a start."""
    for each in sorted(exchanges, key=lambda one: one.sent):
        yield each.name, f"{(each.sent - start) * 1000:.0f}", f"{(each.answered - start) * 1000:.0f}"
