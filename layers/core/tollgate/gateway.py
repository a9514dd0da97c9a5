"""The way of a request: key, customer and price, and then the attempt at the provider."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from tollgate.attempt import Answer, Attempt, Subject
from tollgate.call import Call, entry_of, parse
from tollgate.endpoints.endpoint import Endpoint
from tollgate.errors import TollgateError, UpstreamUnreachable
from tollgate.keys import Caller, Keys
from tollgate.ledger import Ledger
from tollgate.models import Deployment, Models, Wish
from tollgate.pricing import shipped_book
from tollgate.records import Entry
from tollgate.secret_values import Secrets
from tollgate.settings import CustomerSettings, ProxySettings, ReportingSettings
from tollgate.upstream.client import Upstream
from tollgate.upstream.shipping import shipment

# A header holds printable ASCII only; in a customer id anything else goes percent-encoded.
_HEADER_SAFE: Final = " !\"#$&'()*+,/:;<=>?@[\\]^`{|}~"

_ANOTHER_MAY: Final = frozenset({429, *range(500, 600)})
_SINCE: Final = (
    1677610602  # OpenAI's field is required; a gateway's models have no birthday, so it is LiteLLM's
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the deployment chose."""

    proxy: ProxySettings
    customer: CustomerSettings
    reporting: ReportingSettings


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

    async def call(self, endpoint: Endpoint, headers: Mapping[str, str], raw: bytes, query: str) -> Answer:
        """A call of an endpoint, streamed or not. Raises TollgateError, naming the call once it has an id.

        A deployment that cannot be reached, is overloaded or fails is followed by the next, each attempt with
        an entry of its own in the ledger; the last one's answer goes to the client, whatever it is.
        """
        caller = await self._keys.authenticate(headers)
        call = parse(endpoint, headers, raw, query)
        unpriced = self._choices.proxy.allow_unpriced
        wish = Wish(call.model, endpoint, datetime.now(UTC), allow_unpriced=unpriced)
        *others, last = self._models.deployments(wish)
        for deployment in others:
            with suppress(UpstreamUnreachable):
                answer = await self._attempt(call, caller, deployment)
                if answer.status not in _ANOTHER_MAY:
                    return answer
        return await self._attempt(call, caller, last)

    async def _attempt(self, call: Call, caller: Caller, deployment: Deployment) -> Answer:
        zone = self._choices.reporting.reporting_timezone
        entry = entry_of(call, caller, deployment, self._choices.customer, zone)
        key = await self._secrets.reveal(deployment.provider.key_reference())
        attempt = Attempt(Subject(call, entry, deployment), self._ledger, self._upstream, self._choices.proxy)
        own = _own_headers(entry)
        try:
            return await attempt.run(shipment(call, deployment, key, entry.request_id), own)
        except TollgateError as error:
            error.headers = own
            raise

    async def list_models(self, headers: Mapping[str, str]) -> dict[str, Any]:
        """OpenAI's list of models. Raises Unauthorized."""
        await self._keys.authenticate(headers)
        names = self._models.names(shipped_book())
        return {
            "object": "list",
            "data": [{"id": n, "object": "model", "created": _SINCE, "owned_by": "tollgate"} for n in names],
        }


def _own_headers(entry: Entry) -> dict[str, str]:
    headers = {"x-litellm-call-id": entry.request_id, "x-litellm-model-group": entry.model_group}
    if entry.customer_id:
        headers["x-litellm-customer-id"] = quote(entry.customer_id, safe=_HEADER_SAFE)
    return headers
