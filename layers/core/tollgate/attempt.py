"""One attempt at a provider: its entry opened beside the call, its answer metered, its entry closed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import NamedTuple

import httpx2

from tollgate import metering
from tollgate.admission.held import Held
from tollgate.call import Call
from tollgate.endpoints.endpoint import Asked
from tollgate.errors import HungUp, TollgateError, UpstreamTimeout, UpstreamUnreachable, body
from tollgate.ledger import Ledger
from tollgate.models import Deployment
from tollgate.money import dumps, plain
from tollgate.records import Ending, Entry, SpendEvent
from tollgate.relay import Relay, Terms
from tollgate.settings import ProxySettings
from tollgate.upstream import arrival
from tollgate.upstream.client import Deadline, Shipment, Upstream
from tollgate.usage.media_stream import BareBytes
from tollgate.usage.reading import Reading
from tollgate.usage.sse import Stream


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the client: a whole body, or one as it comes."""

    status: int
    headers: dict[str, str]
    body: bytes | AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is being attempted: the call, its entry, what serves it, and until when."""

    call: Call
    entry: Entry
    deployment: Deployment
    deadline: Deadline


class Sending(NamedTuple):
    """What an attempt calls on."""

    ledger: Ledger
    upstream: Upstream
    settings: ProxySettings


class Attempt:
    """Runs once. `own` are the headers that name the call to the client."""

    def __init__(self, subject: Subject, held: Held, sending: Sending) -> None:
        self._call, self._entry, self._deployment = subject.call, subject.entry, subject.deployment
        self._deadline = subject.deadline
        self._held = held
        self._ledger = sending.ledger
        self._upstream = sending.upstream
        self._settings = sending.settings
        self._opening = self._ledger.open(subject.entry)
        self._began: datetime | None = None  # when the first bytes of the answer came

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
        await self._opened_or_released()
        try:
            response = await self._upstream.send(shipment, self._deadline)
        except UpstreamUnreachable as error:
            await self._close(metering.no_answer(self._entry, error, self._settings.estimated_output_tokens))
            raise
        await self._durable_or_dropped(response)
        headers = arrival.headers(response) | await self._held.headers() | own
        stream = arrival.stream(self._call, response, self._asked())
        if stream is not None:
            return Answer(response.status_code, headers, self._streamed(response, stream))
        return await self._whole(response, headers)

    async def _opened_or_released(self) -> None:
        """No call without an entry on its way; what was set aside for one that is not made is taken back."""
        try:
            await self._opening.on_the_wire()
        except TollgateError:
            await self._held.release()
            raise

    async def _durable_or_dropped(self, response: httpx2.Response) -> None:
        """No byte of an answer goes back for a call that the ledger does not hold."""
        try:
            await self._opening.durable()
        except TollgateError:
            await response.aclose()
            raise

    async def _whole(self, response: httpx2.Response, headers: dict[str, str]) -> Answer:
        content = bytearray()
        try:
            async with asyncio.timeout_at(self._deadline):
                async for data in response.aiter_bytes():
                    self._began = self._began or datetime.now(UTC)
                    content += data
        except (httpx2.RequestError, TimeoutError) as error:
            await response.aclose()
            await self._close(metering.cut_answer(self._entry, _ending(error), self._seen(response, content)))
            raise _broken_off(error) from error
        whole = self._seen(response, content)
        event = await self._close(metering.whole_answer(self._call, self._entry, whole))
        told = arrival.content(self._call, self._deployment, whole.status, whole.content)
        return Answer(whole.status, {**headers, "x-litellm-response-cost": plain(event.charge)}, told)

    def _seen(self, response: httpx2.Response, content: bytearray) -> metering.Whole:
        kind = response.headers.get("content-type", "")
        default_output = self._settings.estimated_output_tokens
        return metering.Whole(response.status_code, kind, bytes(content), default_output)

    def _asked(self) -> Asked:
        wanted = self._settings.include_cost_in_streaming_usage and self._deployment.price is not None
        return Asked(self._call.body, self._cost if wanted else None)

    def _streamed(self, response: httpx2.Response, stream: Stream) -> AsyncIterator[bytes]:
        async def close(ending: Ending) -> None:
            status, meter = response.status_code, stream.meter
            self._began = relay.began
            await self._close(metering.streamed_answer(self._call, self._entry, status, meter, ending))

        dialect = self._call.endpoint.dialect
        last_words = None if isinstance(stream, BareBytes) else partial(_last_words, dialect)
        terms = Terms(self._deadline, self._settings.drain_seconds, last_words)
        relay = Relay(response, stream, close, terms)
        return relay

    async def _close(self, outcome: metering.Outcome) -> SpendEvent:
        told = replace(outcome, began=self._began)
        event = metering.close_of(self._entry, told, self._deployment)
        await asyncio.gather(self._book(event), self._held.leave())
        return event

    async def _book(self, event: SpendEvent) -> None:
        await self._opening.durable()
        await self._ledger.close(event)

    def _cost(self, reading: Reading) -> Decimal:
        return metering.price_of(reading.usage, reading.served, self._deployment, reading.billed).charge


def _broken_off(error: Exception) -> UpstreamUnreachable:
    if isinstance(error, TimeoutError | httpx2.TimeoutException):
        return UpstreamTimeout("The provider did not finish its answer within the time allowed.")
    return HungUp("The provider closed the connection before its answer was whole.")


def _ending(error: Exception) -> Ending:
    return "timed_out" if isinstance(error, TimeoutError | httpx2.TimeoutException) else "upstream_cut"


def _last_words(dialect: str, error: TollgateError) -> bytes:
    event = b"event: error\n" if dialect == "anthropic" else b""
    return event + b"data: %s\n\n" % dumps(body(error, dialect))
