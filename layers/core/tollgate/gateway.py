"""The way of a request in its order: key, customer, price, ledger beside upstream, usage, close."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

import httpx2

from tollgate.call import Call, entry_of, parse_chat, upstream_body
from tollgate.errors import HungUp, NotReached, TollgateError, UpstreamTimeout, UpstreamUnreachable
from tollgate.keys import Keys
from tollgate.ledger import Ledger, Opening
from tollgate.metering import Outcome, close_of, whole_answer
from tollgate.models import Deployment, Models
from tollgate.money import plain
from tollgate.pricing import shipped_book
from tollgate.records import Entry, SpendEvent
from tollgate.relay import Relay
from tollgate.secret_values import Secrets
from tollgate.settings import CustomerSettings, ProxySettings, ReportingSettings
from tollgate.upstream import headers as crossing
from tollgate.upstream.client import Shipment, Upstream
from tollgate.usage import estimate
from tollgate.usage.stream import ChatStream

# A header holds printable ASCII only; in a customer id anything else goes percent-encoded.
_HEADER_SAFE: Final = " !\"#$&'()*+,/:;<=>?@[\\]^`{|}~"

_SINCE: Final = (
    1677610602  # OpenAI's field is required; a gateway's models have no birthday, so it is LiteLLM's
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the client: a whole body, or one as it comes."""

    status: int
    headers: dict[str, str]
    body: bytes | AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the deployment chose."""

    proxy: ProxySettings
    customer: CustomerSettings
    reporting: ReportingSettings


@dataclass(frozen=True, slots=True)
class _Attempt:
    call: Call
    entry: Entry
    deployment: Deployment
    opening: Opening


@dataclass(frozen=True, slots=True)
class Parts:
    """What the gateway calls on, in the order of the way of a request."""

    keys: Keys
    models: Models
    secrets: Secrets
    ledger: Ledger
    upstream: Upstream


class Gateway:
    """Forwards and meters calls; one per process and event loop."""

    def __init__(self, parts: Parts, choices: Choices) -> None:
        self._keys = parts.keys
        self._models = parts.models
        self._secrets = parts.secrets
        self._ledger = parts.ledger
        self._upstream = parts.upstream
        self._choices = choices

    async def chat(self, headers: Mapping[str, str], raw: bytes) -> Answer:
        """A chat completion, streamed or not. Raises TollgateError, naming the call once it has an id."""
        caller = await self._keys.authenticate(headers)
        proxy = self._choices.proxy
        call = parse_chat(headers, raw)
        deployment = self._models.deployment(
            call.body.get("model"), datetime.now(UTC), allow_unpriced=proxy.allow_unpriced
        )
        zone = self._choices.reporting.reporting_timezone
        entry = entry_of(call, caller, deployment, self._choices.customer, zone)
        shipment = await self._shipment(call, deployment, entry)
        try:
            return await self._attempt(_Attempt(call, entry, deployment, self._ledger.open(entry)), shipment)
        except TollgateError as error:
            error.headers = _own_headers(entry)
            raise

    async def list_models(self, headers: Mapping[str, str]) -> dict[str, Any]:
        """OpenAI's list of models. Raises Unauthorized."""
        await self._keys.authenticate(headers)
        names = self._models.names(shipped_book())
        return {
            "object": "list",
            "data": [{"id": n, "object": "model", "created": _SINCE, "owned_by": "tollgate"} for n in names],
        }

    async def _shipment(self, call: Call, deployment: Deployment, entry: Entry) -> Shipment:
        key = await self._secrets.reveal(deployment.provider.key_reference())
        return Shipment(
            url=deployment.provider.url(call.endpoint),
            headers=crossing.to_provider(call.headers, key, entry.request_id),
            body=upstream_body(call, deployment),
        )

    async def _attempt(self, attempt: _Attempt, shipment: Shipment) -> Answer:
        await attempt.opening.on_the_wire()
        try:
            response = await self._upstream.send(shipment)
        except UpstreamUnreachable as error:
            await self._close(attempt, self._unanswered(attempt.entry, error))
            raise
        try:
            await attempt.opening.durable()
        except TollgateError:
            await response.aclose()
            raise
        if attempt.call.stream and response.headers.get("content-type", "").startswith("text/event-stream"):
            return self._streamed(attempt, response)
        return await self._whole(attempt, response)

    async def _whole(self, attempt: _Attempt, response: httpx2.Response) -> Answer:
        try:
            body = await response.aread()
        except httpx2.TransportError as error:
            received = response.num_bytes_downloaded
            usage, how = estimate.cut(attempt.entry, received)
            outcome = Outcome("upstream_cut", response.status_code, usage, f"the answer broke off; {how}")
            await self._close(attempt, outcome)
            raise HungUp("The provider closed the connection before its answer was whole.") from error
        event = await self._close(attempt, whole_answer(attempt.entry, response.status_code, body))
        headers = crossing.to_client(response.headers) | _own_headers(attempt.entry)
        headers["x-litellm-response-cost"] = plain(event.charge)
        return Answer(response.status_code, headers, body)

    def _streamed(self, attempt: _Attempt, response: httpx2.Response) -> Answer:
        price = attempt.deployment.price
        wanted = self._choices.proxy.include_cost_in_streaming_usage and price is not None
        stream = ChatStream(
            asked=attempt.call.asked_for_usage,
            cost_of=(lambda reading: price.cost(reading.usage)) if wanted and price else None,
        )

        async def close(outcome: Outcome) -> None:
            await self._close(attempt, outcome)

        relay = Relay(attempt.entry, response, stream, close, drain_seconds=self._choices.proxy.drain_seconds)
        headers = crossing.to_client(response.headers) | _own_headers(attempt.entry)
        return Answer(response.status_code, headers, relay.chunks())

    async def _close(self, attempt: _Attempt, outcome: Outcome) -> SpendEvent:
        event = close_of(attempt.entry, outcome, attempt.deployment)
        await attempt.opening.durable()
        await self._ledger.close(event)
        return event

    def _unanswered(self, entry: Entry, error: UpstreamUnreachable) -> Outcome:
        if isinstance(error, NotReached):
            return Outcome("upstream_unreachable")
        if isinstance(error, UpstreamTimeout):
            default = self._choices.proxy.estimated_output_tokens
            usage, how = estimate.unanswered(entry, default)
            return Outcome("upstream_unreachable", usage=usage, estimated=f"timed out; {how}")
        usage, how = estimate.unstarted(entry)
        return Outcome("upstream_unreachable", usage=usage, estimated=f"hung up; {how}")


def _own_headers(entry: Entry) -> dict[str, str]:
    headers = {"x-litellm-call-id": entry.request_id, "x-litellm-model-group": entry.model_group}
    if entry.customer_id:
        headers["x-litellm-customer-id"] = quote(entry.customer_id, safe=_HEADER_SAFE)
    return headers
