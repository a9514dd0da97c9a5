"""One chat call as it comes in: parsed, attributed, priced, and ready to be sent on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from tollgate import customer, days
from tollgate.errors import InvalidBody
from tollgate.ids import new_request_id
from tollgate.keys import Caller
from tollgate.models import Deployment
from tollgate.money import dumps, loads
from tollgate.records import Entry
from tollgate.settings import CustomerSettings
from tollgate.usage import estimate


@dataclass(frozen=True, slots=True)
class Call:
    """What the client sent: headers in lower case, the body as bytes and as the object it is."""

    endpoint: str
    headers: Mapping[str, str]
    raw: bytes
    body: Mapping[str, Any]

    @property
    def stream(self) -> bool:
        """Whether the client wants the answer as it is made."""
        return self.body.get("stream") is True

    @property
    def asked_for_usage(self) -> bool:
        """Whether the client itself asked for a usage chunk."""
        options = self.body.get("stream_options")
        return isinstance(options, Mapping) and options.get("include_usage") is True


def parse_chat(headers: Mapping[str, str], raw: bytes) -> Call:
    """A chat completion's call. Raises InvalidBody."""
    try:
        body = loads(raw)
    except msgspec.DecodeError as error:
        raise InvalidBody(f"The request body is not valid JSON: {error}.") from None
    if not isinstance(body, dict):
        raise InvalidBody(f"The request body must be a JSON object, not {_json_type(body)}.")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise InvalidBody("`messages` must be a list of at least one message.", param="messages")
    return Call("/chat/completions", headers, raw, body)


def upstream_body(call: Call, deployment: Deployment) -> bytes:
    """The body for the provider: the client's own bytes, unless the model or the usage option must differ."""
    changes: dict[str, Any] = {}
    if deployment.model != call.body["model"]:
        changes["model"] = deployment.model
    if call.stream and not call.asked_for_usage:
        options = call.body.get("stream_options")
        changes["stream_options"] = {
            **(options if isinstance(options, Mapping) else {}),
            "include_usage": True,
        }
    return dumps({**call.body, **changes}) if changes else call.raw


def entry_of(
    call: Call, caller: Caller, deployment: Deployment, settings: CustomerSettings, zone_name: str
) -> Entry:
    """The ledger's entry of a call. Raises BadRequest for an impossible or a missing customer."""
    identity = customer.identify(call.headers, call.body, settings)
    now = datetime.now(UTC)
    return Entry(
        request_id=new_request_id(),
        customer_id=identity.customer_id,
        session_id=identity.session_id,
        key_id=caller.key_id,
        model_group=deployment.model_group,
        model=deployment.model,
        provider=deployment.provider_name,
        endpoint=call.endpoint,
        started_at=now.replace(microsecond=now.microsecond // 1000 * 1000),  # the ledger keeps milliseconds
        day=days.reporting_day(now, zone_name),
        stream=call.stream,
        input_estimate=estimate.input_tokens(call.body),
        output_limit=estimate.output_limit(call.body),
    )


def _json_type(value: object) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
