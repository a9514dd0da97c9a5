"""What OpenAPI is told of the proxy's routes: shared dictionaries, since a cold start makes them all."""

from http import HTTPStatus
from typing import Any, Final

from tollgate.endpoints.endpoint import Endpoint

Told = dict[str, Any]

_JSON: Final = "application/json"
_STREAM: Final = "text/event-stream"
_FORM: Final = "multipart/form-data"
_ANY: Final = "*/*"  # sounds, and texts of several kinds
_OBJECT: Final[Told] = {"type": "object"}
_ENVELOPE: Final[Told] = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "object", "required": ["type", "message"]}},
}
_BY_KEY: Final = (401, 429, 500, 503)
_OF_PROVIDER: Final[Told] = {
    "description": "The provider's own error, as it came; so may one be that has a status listed here.",
    "content": {_ANY: {}},
}
_PASSED_ON: Final[Told] = {"4XX": _OF_PROVIDER, "5XX": _OF_PROVIDER}


def forwarded(endpoint: Endpoint) -> Told:
    """Of a route that forwards to an endpoint; body and answer are the provider's to describe."""
    kinds = (_JSON, _STREAM, *((_ANY,) if endpoint.bare else ()))
    return _of_body(_FORM if endpoint.form else _JSON, endpoint.needs) | {
        "responses": _good("The provider's answer.", *kinds) | _FORWARDING
    }


def with_parameter(name: str, told: Told) -> Told:
    """Of a route with a parameter in its path, which FastAPI does not see."""
    place = {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    return told | {"openapi_extra": {"parameters": [place]}}


def _of_body(kind: str, needs: tuple[str, ...] = ()) -> Told:
    schema = _OBJECT | ({"required": list(needs)} if needs else {})
    return {"openapi_extra": {"requestBody": {"required": True, "content": {kind: {"schema": schema}}}}}


def _good(about: str, *kinds: str) -> Told:
    return {"200": {"description": about, "content": {kind: {} for kind in kinds}}}


def _refused(*statuses: int) -> Told:
    content = {_JSON: {"schema": _ENVELOPE}}
    return {str(s): {"description": HTTPStatus(s).phrase, "content": content} for s in sorted(statuses)}


_FORWARDING: Final = _refused(*_BY_KEY, 400, 402, 403, 404, 413, 422, 502, 504) | _PASSED_ON
STORED: Final[Told] = {
    "responses": _good("The provider's answer.", _ANY) | _refused(*_BY_KEY, 404, 502, 504) | _PASSED_ON
}
MODELS: Final[Told] = {"responses": _good("The models.", _JSON) | _refused(*_BY_KEY)}
MODEL: Final[Told] = {"responses": _good("The model.", _JSON) | _refused(*_BY_KEY, 404)}
COSTS: Final[Told] = _of_body(_JSON) | {
    "responses": _good("The costs, in USD.", _JSON) | _refused(*_BY_KEY, 400, 413)
}
PROBED: Final[Told] = {"responses": {"200": {"description": "There is."}}}
ALIVE: Final[Told] = {"responses": _good("The process answers.", _JSON)}
