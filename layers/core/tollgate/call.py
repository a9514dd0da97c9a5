"""One call as it comes in: parsed, attributed, and ready to be sent on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from tollgate import days, forms, tags
from tollgate.customer import Identity
from tollgate.endpoints.endpoint import Asked, Endpoint
from tollgate.errors import InvalidBody
from tollgate.ids import instant, new_request_id
from tollgate.keys import Caller
from tollgate.models import Deployment
from tollgate.money import dumps, loads
from tollgate.records import Entry


@dataclass(frozen=True, slots=True)
class Call:
    """What the client sent: headers in lower case, the body as bytes, and as the object or form it is."""

    endpoint: Endpoint
    headers: Mapping[str, str]
    raw: bytes
    body: Mapping[str, Any]
    query: str = ""
    default_model: str = ""  # the customer's

    @property
    def model(self) -> object:
        """The model asked for."""
        return self.body.get("model") or self.default_model or self.endpoint.default_model

    @property
    def stream(self) -> bool:
        """Whether the client wants the answer as it is made."""
        wanted = self.body.get("stream")
        return wanted is True or (self.endpoint.form and wanted == "true")


def parse(endpoint: Endpoint, headers: Mapping[str, str], raw: bytes, query: str = "") -> Call:
    """A call of an endpoint. Raises InvalidBody."""
    body = forms.fields(raw, headers.get("content-type", "")) if endpoint.form else json_object(raw)
    for name in endpoint.needs:
        _check(name, body.get(name))
    return Call(endpoint, headers, raw, body, query)


def json_object(raw: bytes) -> dict[str, Any]:
    """A body that must be a JSON object. Raises InvalidBody."""
    try:
        body = loads(raw)
    except msgspec.DecodeError as error:
        raise InvalidBody(f"The request body is not valid JSON: {error}.") from None
    if not isinstance(body, dict):
        raise InvalidBody(f"The request body must be a JSON object, not {_json_type(body)}.")
    return body


def upstream_body(call: Call, deployment: Deployment) -> bytes:
    """The body for the provider: the client's own bytes, unless model, usage option or labels must differ."""
    renamed = deployment.model != (call.body.get("model") or call.endpoint.default_model)
    if call.endpoint.form:
        return (
            forms.with_field(call.raw, call.headers["content-type"], "model", deployment.model)
            if renamed
            else call.raw
        )
    changes: dict[str, Any] = ({"model": deployment.model} if renamed else {}) | tags.unlabelled(call.body)
    if call.endpoint.asks_for_usage and call.stream and not Asked(call.body).for_usage:
        options = call.body.get("stream_options")
        changes["stream_options"] = {
            **(options if isinstance(options, Mapping) else {}),
            "include_usage": True,
        }
    return _changed(call.body, changes) if changes else call.raw


def _changed(body: Mapping[str, Any], changes: Mapping[str, Any]) -> bytes:
    """A body with other values; None takes a name away."""
    gone = {name for name, value in changes.items() if value is None}
    return dumps({name: value for name, value in {**body, **changes}.items() if name not in gone})


def entry_of(call: Call, caller: Caller, identity: Identity, deployment: Deployment, zone_name: str) -> Entry:
    """The ledger's entry of a call. Raises BadRequest for labels that are none."""
    request_id = new_request_id()
    began = instant(request_id)
    return Entry(
        request_id=request_id,
        customer_id=identity.customer_id,
        session_id=identity.session_id,
        key_id=caller.key_id,
        virtual_key=caller.key is not None,
        model_group=deployment.model_group,
        model=deployment.model,
        provider=deployment.provider_name,
        endpoint=call.endpoint.path,
        started_at=began,
        day=days.reporting_day(began, zone_name),
        stream=call.stream,
        input_estimate=call.endpoint.input_tokens(call.body),
        output_limit=call.endpoint.output_tokens(call.body),
        tags=tags.tags_of(call.headers, call.body),
        spend_logs_metadata=tags.spend_logs_metadata(call.headers, call.body),
    )


def again(first: Entry, deployment: Deployment, number: int, zone_name: str) -> Entry:
    """The entry of a later attempt at the same call, by another deployment."""
    request_id = new_request_id()
    began = instant(request_id)
    return replace(
        first,
        request_id=request_id,
        model=deployment.model,
        provider=deployment.provider_name,
        started_at=began,
        day=days.reporting_day(began, zone_name),
        attempt=number,
        call_id=first.request_id,
    )


def _check(name: str, value: object) -> None:
    if value is None:
        raise InvalidBody(f"`{name}` is missing.", param=name)
    if name == "messages" and not (isinstance(value, list) and value):
        raise InvalidBody("`messages` must be a list of at least one message.", param=name)


def _json_type(value: object) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
