"""The way of a request: key, customer and price, and then the attempt at the provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from tollgate.attempt import Answer, Attempt, Subject
from tollgate.call import Call, entry_of, parse_chat, upstream_body
from tollgate.errors import TollgateError
from tollgate.keys import Keys
from tollgate.ledger import Ledger
from tollgate.models import Deployment, Models
from tollgate.pricing import shipped_book
from tollgate.records import Entry
from tollgate.secret_values import Secrets
from tollgate.settings import CustomerSettings, ProxySettings, ReportingSettings
from tollgate.upstream import headers as crossing
from tollgate.upstream.client import Shipment, Upstream

# A header holds printable ASCII only; in a customer id anything else goes percent-encoded.
_HEADER_SAFE: Final = " !\"#$&'()*+,/:;<=>?@[\\]^`{|}~"

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
        attempt = Attempt(Subject(call, entry, deployment), self._ledger, self._upstream, proxy)
        own = _own_headers(entry)
        try:
            return await attempt.run(shipment, own)
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

    async def _shipment(self, call: Call, deployment: Deployment, entry: Entry) -> Shipment:
        key = await self._secrets.reveal(deployment.provider.key_reference())
        return Shipment(
            url=deployment.provider.url(call.endpoint),
            headers=crossing.to_provider(call.headers, key, entry.request_id),
            body=upstream_body(call, deployment),
        )


def _own_headers(entry: Entry) -> dict[str, str]:
    headers = {"x-litellm-call-id": entry.request_id, "x-litellm-model-group": entry.model_group}
    if entry.customer_id:
        headers["x-litellm-customer-id"] = quote(entry.customer_id, safe=_HEADER_SAFE)
    return headers
