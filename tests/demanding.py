"""What a call demands, for tests: a body, as it comes in, at the deployment that would serve it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from tests.builders import entry
from tollgate.call import Call, parse
from tollgate.demand import demand
from tollgate.endpoints.endpoint import Endpoint
from tollgate.endpoints.table import CHAT
from tollgate.models import Deployment, Wish, load_models
from tollgate.money import dumps
from tollgate.pricing import own_price
from tollgate.providers import Provider
from tollgate.records import Demand

NOON: Final = datetime(2026, 11, 16, 12, tzinfo=UTC)
DEFAULT: Final = 16_384  # tokens held for a model that nothing is known of
_JSON: Final = {"content-type": "application/json"}
# USD per million tokens, or for one: each its own, so that a cost shows what it is for.
RATES: Final[Mapping[str, str]] = {
    "input": "1",
    "cache_read": "0.1",
    "cache_write_5m": "1.25",
    "cache_write_1h": "2",
    "output": "10",
    "reasoning": "12",
    "audio_in": "40",
    "audio_out": "80",
    "image_in": "3",
    "image_out": "30",
    "web_searches": "0.01",
    "file_searches": "0.0025",
}


def of(endpoint: Endpoint, raw: bytes, deployment: Deployment, headers: Mapping[str, str] = _JSON) -> Demand:
    """The demand of a body that came in."""
    call = parse(endpoint, headers, raw)
    return demand(call, _entry(call), deployment, DEFAULT)


def _entry(call: Call) -> Any:
    asked = call.endpoint
    return entry(input_estimate=asked.input_tokens(call.body), output_limit=asked.output_tokens(call.body))


def shipped(endpoint: Endpoint, model: str, moment: datetime = NOON) -> Deployment:
    """What serves a model by the shipped models.yaml."""
    return load_models().deployments(Wish(model, endpoint, moment, allow_unpriced=True))[0]


def priced(model: str = "house", **rates: str) -> Deployment:
    """A deployment with prices of its own, by default `RATES`."""
    price = own_price({name: Decimal(rate) for name, rate in (rates or RATES).items()}, "test")
    return Deployment(model, model, "house", Provider(base_url="http://127.0.0.1"), price)


def cost(body: Mapping[str, Any], endpoint: Endpoint = CHAT, **changes: Any) -> Decimal:
    """The money that a body demands at `RATES`; changes are the deployment's."""
    return of(endpoint, dumps(body), replace(priced(), **changes)).cost


def tokens(body: Mapping[str, Any], endpoint: Endpoint = CHAT, **changes: Any) -> int:
    """The tokens that a body demands; changes are the deployment's."""
    return of(endpoint, dumps(body), replace(priced(), **changes)).tokens
