"""One attempt at a provider: its entry opened beside the call, its answer metered, its entry closed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal

import httpx2

from tollgate import metering
from tollgate.call import Call
from tollgate.errors import HungUp, TollgateError, UpstreamTimeout, UpstreamUnreachable
from tollgate.ledger import Ledger
from tollgate.models import Deployment
from tollgate.money import plain
from tollgate.records import Ending, Entry, SpendEvent
from tollgate.relay import Limits, Relay
from tollgate.settings import ProxySettings
from tollgate.upstream import headers as crossing
from tollgate.upstream.client import Shipment, Upstream
from tollgate.usage.chat import Reading
from tollgate.usage.stream import ChatStream


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
        try:
            return await self._run(shipment, own)
        except TollgateError:
            raise
        except Exception:  # whatever failed here, the provider may have been called, and will charge for it
            await self._close(metering.failed_here(self._entry, self._settings.estimated_output_tokens))
            raise

    async def _run(self, shipment: Shipment, own: dict[str, str]) -> Answer:
        await self._opening.on_the_wire()
        try:
            response = await self._upstream.send(shipment, self._deadline)
        except UpstreamUnreachable as error:
            await self._close(metering.no_answer(self._entry, error, self._settings.estimated_output_tokens))
            raise
        await self._durable_or_dropped(response)
        headers = crossing.to_client(response.headers) | own
        if self._call.stream and _is_stream(response):
            return Answer(response.status_code, headers, self._streamed(response))
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
                body = await response.aread()
        except (httpx2.RequestError, TimeoutError) as error:
            await response.aclose()
            await self._close(metering.cut_answer(self._entry, response))
            raise _broken_off(error) from error
        event = await self._close(metering.whole_answer(self._entry, response.status_code, body))
        return Answer(response.status_code, {**headers, "x-litellm-response-cost": plain(event.charge)}, body)

    def _streamed(self, response: httpx2.Response) -> AsyncIterator[bytes]:
        wanted = self._settings.include_cost_in_streaming_usage and self._deployment.price is not None
        stream = ChatStream(asked=self._call.asked_for_usage, cost_of=self._cost if wanted else None)

        async def close(ending: Ending) -> None:
            await self._close(metering.streamed_answer(self._entry, response.status_code, stream, ending))

        limits = Limits(self._deadline, self._settings.drain_seconds)
        return Relay(response, stream, close, limits)

    async def _close(self, outcome: metering.Outcome) -> SpendEvent:
        event = metering.close_of(self._entry, outcome, self._deployment)
        await self._opening.durable()
        await self._ledger.close(event)
        return event

    def _cost(self, reading: Reading) -> Decimal:
        return metering.cost_of(reading.usage, self._deployment)[0]


def _is_stream(response: httpx2.Response) -> bool:
    return response.is_success and response.headers.get("content-type", "").startswith("text/event-stream")


def _broken_off(error: Exception) -> UpstreamUnreachable:
    if isinstance(error, TimeoutError | httpx2.TimeoutException):
        return UpstreamTimeout("The provider did not finish its answer within the time allowed.")
    return HungUp("The provider closed the connection before its answer was whole.")
