"""One attempt at a provider: its entry opened beside the call, its answer metered, its entry closed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal

import httpx2

from tollgate import metering
from tollgate.call import Call
from tollgate.endpoints.endpoint import Asked
from tollgate.errors import HungUp, TollgateError, UpstreamUnreachable, body
from tollgate.ledger import Ledger
from tollgate.models import Deployment
from tollgate.money import dumps, plain
from tollgate.records import Ending, Entry, SpendEvent
from tollgate.relay import Relay, Terms
from tollgate.settings import ProxySettings
from tollgate.upstream import headers as crossing
from tollgate.upstream.client import Shipment, Upstream
from tollgate.usage.reading import Reading
from tollgate.usage.sse import EventStream, StreamMeter


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the client: a whole body, or one as it comes."""

    status: int
    headers: dict[str, str]
    body: bytes | AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is being attempted: the call, its entry, and what serves it."""

    call: Call
    entry: Entry
    deployment: Deployment


class Attempt:
    """Runs once. `own` are the headers that name the call to the client."""

    def __init__(self, subject: Subject, ledger: Ledger, upstream: Upstream, settings: ProxySettings) -> None:
        self._call, self._entry, self._deployment = subject.call, subject.entry, subject.deployment
        self._ledger = ledger
        self._upstream = upstream
        self._settings = settings
        self._deadline = asyncio.get_running_loop().time() + settings.call_limit_seconds
        self._opening = ledger.open(subject.entry)

    async def run(self, shipment: Shipment, own: dict[str, str]) -> Answer:
        """The provider's answer, metered. Raises UpstreamUnreachable, StoreUnavailable."""
        await self._opening.on_the_wire()
        try:
            response = await self._upstream.send(shipment, self._deadline)
        except UpstreamUnreachable as error:
            await self._close(metering.no_answer(self._entry, error, self._settings.estimated_output_tokens))
            raise
        await self._durable_or_dropped(response)
        headers = crossing.to_client(response.headers) | own
        meter = self._meter(response)
        if meter is not None:
            return Answer(response.status_code, headers, self._streamed(response, meter))
        return await self._whole(response, headers)

    async def _durable_or_dropped(self, response: httpx2.Response) -> None:
        """No byte of an answer goes back for a call that the ledger does not hold."""
        try:
            await self._opening.durable()
        except TollgateError:
            await response.aclose()
            raise

    async def _whole(self, response: httpx2.Response, headers: dict[str, str]) -> Answer:
        try:
            async with asyncio.timeout_at(self._deadline):
                content = await response.aread()
        except (httpx2.TransportError, TimeoutError) as error:
            await response.aclose()
            await self._close(metering.cut_answer(self._entry, response))
            raise HungUp("The provider closed the connection before its answer was whole.") from error
        event = await self._close(metering.whole_answer(self._call, self._entry, response))
        return Answer(
            response.status_code, {**headers, "x-litellm-response-cost": plain(event.charge)}, content
        )

    def _meter(self, response: httpx2.Response) -> StreamMeter | None:
        """What meters the answer while it passes; None for one that comes whole."""
        make = self._call.endpoint.meter
        if make is None or not response.headers.get("content-type", "").startswith("text/event-stream"):
            return None
        wanted = self._settings.include_cost_in_streaming_usage and self._deployment.price is not None
        return make(Asked(self._call.body, self._cost if wanted else None))

    def _streamed(self, response: httpx2.Response, meter: StreamMeter) -> AsyncIterator[bytes]:
        async def close(ending: Ending) -> None:
            await self._close(metering.streamed_answer(self._entry, response.status_code, meter, ending))

        terms = Terms(self._deadline, self._settings.drain_seconds, _broken_off(self._call.endpoint.dialect))
        return Relay(response, EventStream(meter), close, terms).chunks()

    async def _close(self, outcome: metering.Outcome) -> SpendEvent:
        event = metering.close_of(self._entry, outcome, self._deployment)
        await self._opening.durable()
        await self._ledger.close(event)
        return event

    def _cost(self, reading: Reading) -> Decimal:
        return metering.price_of(reading.usage, reading.served, self._deployment).cost


def _broken_off(dialect: str) -> bytes:
    event = b"event: error\n" if dialect == "anthropic" else b""
    return event + b"data: %s\n\n" % dumps(body(HungUp("The provider broke the stream off."), dialect))
