"""A case as genai-prices sees it when called directly: `extract_usage`, then `calc_price`.

It is given the benefit of the doubt: the provider and the API by name, the moment, the service tier and speed
that the answer states as its price context, on Bedrock the model id as it was asked for, and of a stream
the last object that its extractor accepts (of Anthropic's, message_start's usage under message_delta's).
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

from genai_prices import calc_price, extract_usage

from tests.accuracy.corpus import Case


def asked(case: Case) -> bool:
    """Whether it has an extractor for this provider's endpoint at all."""
    return bool(case.direct["flavor"])


def cost(case: Case) -> Decimal | None:
    """The cost by genai-prices; None when it raises, because it finds no usage or does not accept it."""
    found = None
    for answer in _answers(case):
        with suppress(ValueError, LookupError):
            found = _priced(case, answer)
    return found


def agrees(case: Case) -> bool:
    """Whether that is what the case costs; not to find a usage is right when there is none."""
    return cost(case) == (None if case.classes is None else case.cost)


def _priced(case: Case, answer: dict[str, Any]) -> Decimal:
    provider, flavor = case.direct["provider"], case.direct["flavor"]
    extracted = extract_usage(answer, provider_id=provider, api_flavor=flavor)
    options: Any = {"genai_request_timestamp": case.moment, "price_context": _context(answer)}
    if extracted.model is not None and "model" not in case.direct:
        return extracted.calc_price(**options).total_price
    return calc_price(extracted.usage, case.model, provider_id=provider, **options).total_price


def _context(answer: dict[str, Any]) -> dict[str, str]:
    usage = answer.get("usage")
    stated = {"service_tier": answer.get("service_tier")}
    if isinstance(usage, dict):
        stated |= {key: usage.get(key) for key in ("service_tier", "speed") if usage.get(key)}
    return {key: value for key, value in stated.items() if isinstance(value, str)}


def _answers(case: Case) -> Iterator[dict[str, Any]]:
    """The objects that it can be asked about, the most telling last."""
    if not case.is_stream:
        yield _object(case.wire)
        return
    events = [_object(line[5:]) for line in case.wire.splitlines() if line.startswith(b"data:")]
    if case.endpoint == "/messages":
        yield from _message(events)
    else:
        yield from (event.get("response", event) for event in events)


def _message(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    message: dict[str, Any] = next(
        (event["message"] for event in events if event.get("type") == "message_start"), {}
    )
    deltas = [event.get("usage", {}) for event in events if event.get("type") == "message_delta"]
    for delta in deltas[-1:]:
        told = {key: value for key, value in delta.items() if value is not None}
        yield {**message, "usage": {**message["usage"], **told}}


def _object(text: bytes) -> dict[str, Any]:
    try:
        return dict(json.loads(text, parse_float=Decimal))
    except ValueError:
        return {}
