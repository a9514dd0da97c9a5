"""Responses that a provider stores: read, deleted, cancelled; passed on as they are.

Which provider stores a response is known to nobody but itself, and its id says nothing: each that speaks the
Responses API is asked in turn, until one knows it.
https://platform.openai.com/docs/api-reference/responses/get
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from tollgate.attempt import Answer
from tollgate.endpoints.table import RESPONSES
from tollgate.errors import NotFound, StoreUnavailable, UpstreamUnreachable
from tollgate.ids import new_request_id
from tollgate.models import Models
from tollgate.providers import Provider
from tollgate.records import Ending
from tollgate.relay import Relay, Terms
from tollgate.secret_values import Secrets
from tollgate.upstream import headers as crossing
from tollgate.upstream.client import Deadline, Shipment, Upstream
from tollgate.usage.media_stream import BareBytes

_UNKNOWN: Final = 404
Method = Literal["GET", "DELETE", "POST"]


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of a stored response; `part` is what follows its id, such as `/cancel`."""

    method: Method
    response_id: str
    part: str = ""
    query: str = ""


class StoredResponses:
    """Finds the provider that stores a response, among those that serve a model here and have their key."""

    def __init__(self, models: Models, secrets: Secrets, upstream: Upstream) -> None:
        self._models = models
        self._secrets = secrets
        self._upstream = upstream

    async def ask(self, asked: Asking, headers: Mapping[str, str], deadline: Deadline) -> Answer:
        """What the provider that knows it says, or the last one. Raises UpstreamUnreachable, NotFound."""
        shipments = await self._shipments(asked, headers)
        for number, shipment in enumerate(shipments, 1):
            try:
                response = await self._upstream.send(shipment, deadline)
            except UpstreamUnreachable:
                if number == len(shipments):
                    raise
                continue
            if response.status_code != _UNKNOWN or number == len(shipments):
                shown = crossing.to_client(response.headers)
                relay = Relay(response, BareBytes(), _unbooked, Terms(deadline, 0, None))
                return Answer(response.status_code, shown, relay)
            await response.aclose()
        raise NotFound("No provider here stores responses.")

    async def _shipments(self, asked: Asking, headers: Mapping[str, str]) -> list[Shipment]:
        """The question to each provider that may know; one whose key cannot be read is passed over.

        Raises StoreUnavailable when no key can be read.
        """
        found: list[Shipment] = []
        unread: StoreUnavailable | None = None
        for provider in self._models.providers_for(RESPONSES):
            try:
                found.append(await self._shipment(asked, provider, headers))
            except StoreUnavailable as error:
                unread = error
        if unread is not None and not found:
            raise unread
        return found

    async def _shipment(self, asked: Asking, provider: Provider, headers: Mapping[str, str]) -> Shipment:
        key = await self._secrets.reveal(provider.key_reference())
        path = f"{RESPONSES.path}/{quote(asked.response_id, safe='')}{asked.part}"
        sent = crossing.to_provider(headers, new_request_id()) | provider.credentials(key)
        return Shipment(f"{provider.base}{path}{_query(asked, provider)}", sent, b"", asked.method)


def _query(asked: Asking, provider: Provider) -> str:
    versioned = provider.api == "azure" and not provider.is_azure_v1
    parts = [f"api-version={quote(provider.api_version)}" if versioned else "", asked.query]
    query = "&".join(filter(None, parts))
    return f"?{query}" if query else ""


async def _unbooked(_ending: Ending) -> None:
    """Nothing was generated."""
