"""Calls through a whole gateway over fakes, and what its ledger says of them."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from tests.builders import MASTER_KEY
from tests.fakes import LEDGER
from tests.stack import Stack
from tollgate.attempt import Answer
from tollgate.endpoints.endpoint import Endpoint
from tollgate.gateway import Gateway
from tollgate.models import Models
from tollgate.records import SpendEvent
from tollgate.relay import drained
from tollgate.storage.codec import from_item
from tollgate.storage.ledger import parse

KEY = {"authorization": f"Bearer {MASTER_KEY}"}


def catalogue(providers: Mapping[str, Any], *models: Mapping[str, Any]) -> Models:
    """A models.yaml."""
    return Models.model_validate({"providers": providers, "models": models, "version": "test"})


async def call(
    gateway: Gateway,
    endpoint: Endpoint,
    body: Mapping[str, Any] | bytes,
    seconds: float = 1e9,
    **headers: str,
) -> Answer:
    """A call with the key; underscores in names of headers are dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await gateway.call(endpoint, {**KEY, **named}, raw, "", seconds)


async def read(answer: Answer) -> bytes:
    """An answer's whole body; a stream's books are closed by then."""
    if isinstance(answer.body, bytes):
        return answer.body
    content = b"".join([chunk async for chunk in answer.body])
    await drained()
    return content


def streaming(answer: Answer) -> AsyncIterator[bytes]:
    """An answer's body, which must be one that comes in pieces."""
    assert not isinstance(answer.body, bytes)
    return answer.body


def booked(stack: Stack) -> list[SpendEvent]:
    """The ledger's spend events, in the order in which they began; no entry may be open."""
    records = [parse(from_item(item)) for item in stack.aws.items(LEDGER)]
    events = [record for record in records if isinstance(record, SpendEvent)]
    assert len(events) == len(records), "an entry is still open"
    return sorted(events, key=lambda event: event.entry.request_id)


def only(stack: Stack) -> SpendEvent:
    """The ledger's one spend event."""
    (event,) = booked(stack)
    return event
