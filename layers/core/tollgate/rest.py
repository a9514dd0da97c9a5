"""What the REST functions share: who is let in, JSON with every digit, errors in LiteLLM's shapes."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from tollgate import errors
from tollgate.keys import Caller, Keys
from tollgate.management.audited import Actor
from tollgate.money import dumps, loads
from tollgate.observability import logger
from tollgate.queries import formats
from tollgate.queries.question import InvalidQuery
from tollgate.runtime import Services, run, services
from tollgate.scopes import ADMIN
from tollgate.secret_values import Secrets
from tollgate.settings import access_settings, limit_settings
from tollgate.storage.aws import AwsUnavailable

_JSON: Final = "application/json"
_PROBLEM: Final = "application/problem+json"
CSV: Final = "text/csv"
_TOLD: Final = ("type", "loc", "msg", "input")
# Lambda refuses a response over 6 MB, its body escaped as a JSON string; the rest is for status and headers.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_LARGEST: Final = 6_000_000

Route = Callable[..., Response[str]]


def api() -> APIGatewayRestResolver:
    """A router whose errors have our shapes and never a stack trace; a function adds its routes."""
    app = APIGatewayRestResolver(enable_validation=True, debug=False, json_body_deserializer=parsed)
    app.exception_handler(RequestValidationError)(_malformed)
    app.exception_handler(Exception)(refusal)
    app.not_found(_unrouted)
    return app


class Scopes(NamedTuple):
    """The scope that a function's routes need, and those that need another, by the path of the route."""

    default: str = ADMIN
    by_path: Mapping[str, str] = MappingProxyType({})


_ENVELOPE: Final = {
    "type": "object",
    "properties": {"error": {"type": "object"}, "detail": {}},
    "description": '{"error": {"message", "type", "param", "code"}}, or {"detail": {"error"}}',
}
_STATUSES: Final = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


def responses(about: str) -> dict[int, OpenAPIResponse]:
    """What OpenAPI is told of a route's answers: the good one, and every refusal there can be."""
    found: dict[int, OpenAPIResponse] = {
        int(HTTPStatus.OK): {"description": about, "content": {_JSON: {"schema": {}}}}
    }
    for status in _STATUSES:
        found[int(status)] = {"description": status.phrase, "content": {_JSON: {"schema": _ENVELOPE}}}
    return found


def problems(about: str) -> dict[int, OpenAPIResponse]:
    """The same of a route that tells bad parameters as RFC 9457 has it."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    told: OpenAPIResponse = {
        "description": status.phrase,
        "content": {_PROBLEM: {"schema": {"type": "object"}}},
    }
    return responses(about) | {int(status): told}


class Named:
    """Routes of an app, each under several names; OpenAPI says of them what their docstrings do."""

    def __init__(self, app: APIGatewayRestResolver, prefixes: Sequence[str] = ("",)) -> None:
        self._app = app
        self._prefixes = prefixes

    def get(self, path: str, **more: Any) -> Callable[[Route], Route]:
        """Serve GET."""
        return self._serve(self._app.get, path, more)

    def post(self, path: str, **more: Any) -> Callable[[Route], Route]:
        """Serve POST."""
        return self._serve(self._app.post, path, more)

    def _serve(self, method: Any, path: str, more: Mapping[str, Any]) -> Callable[[Route], Route]:
        def serve(route: Route) -> Route:
            about = str(route.__doc__)
            told = {"description": about, "responses": responses(about), **more}
            for prefix in self._prefixes:
                method(f"{prefix}{path}", **told)(route)
            return route

        return serve


def parsed(text: str) -> Any:
    """A body of JSON, its numbers exact. Raises RequestValidationError.

    An array comes as a tuple: of a list, Powertools would take the first member for the body.
    """
    try:
        body = loads(text)
    except msgspec.DecodeError:
        fault = {"type": "json_invalid", "loc": ("body",), "msg": "JSON decode error", "input": {}}
        raise RequestValidationError([fault]) from None
    return tuple(body) if isinstance(body, list) else body


def serve(app: APIGatewayRestResolver, event: dict[str, Any], context: Any, scopes: Scopes) -> dict[str, Any]:
    """Answer an API Gateway REST event: first key and scope are checked, then route and parameters."""
    try:
        source = _source(event)
        caller = run(_authenticate(event.get("headers") or {}, source))
        resource = str(event.get("resource", ""))
        caller.require(scopes.by_path.get(resource, scopes.default), resource)
        context_of: Any = app.append_context  # untyped in Powertools
        context_of(caller=caller, source=source)
        _require_text(event)
    except Exception as error:  # noqa: BLE001 - the outermost place: whatever it is, the caller gets an envelope
        response = refusal(error)
        headers = {"Content-Type": [_JSON]} | {name: [str(told)] for name, told in response.headers.items()}
        return {"statusCode": response.status_code, "multiValueHeaders": headers, "body": response.body}
    return app.resolve(event, context)


def answer(
    value: Any, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response[str]:
    """A JSON response, Decimals as numbers with every digit. Raises InvalidQuery when it is too large."""
    body = dumps(value).decode()
    _require_size(body)
    return Response(int(status), _JSON, body, headers=dict(headers or {}))


def show(app: APIGatewayRestResolver, view: formats.View, chosen: formats.Format | None) -> Response[str]:
    """A view as the client wants it: JSON or CSV, or 304 and nothing when it has it already.

    Raises InvalidQuery when it is too large.
    """
    asked = {name.lower(): value for name, value in app.current_event.headers.items()}
    found = formats.rendered(view, asked.get("accept", ""), chosen)
    _require_size(found.body)
    headers: dict[str, Any] = {**found.headers}
    if formats.is_known(found.headers["ETag"], asked.get("if-none-match", "")):
        return Response(int(HTTPStatus.NOT_MODIFIED), found.kind, "", headers=headers)
    return Response(int(HTTPStatus.OK), found.kind, found.body, headers=headers)


def caller_of(app: APIGatewayRestResolver) -> Caller:
    """Who called the route that is being served."""
    caller: Caller = app.context["caller"]
    return caller


def actor_of(app: APIGatewayRestResolver) -> Actor:
    """Who called the route that is being served, for the audit."""
    return Actor(caller_of(app).key_id, app.context["source"])


def _require_size(body: str) -> None:
    size = len(dumps(body))
    if size > _LARGEST:
        raise InvalidQuery(
            f"The answer has {size} bytes, over {_LARGEST}: ask for fewer days a page or customers"
        )


def _require_text(event: Mapping[str, Any]) -> None:
    """Only JSON and CSV are read, and only as UTF-8. Raises UnsupportedMediaType."""
    if not event.get("body"):
        return
    kind = media_type(event.get("headers") or {})
    if kind not in (_JSON, CSV) or event.get("isBase64Encoded"):
        raise errors.UnsupportedMediaType(
            f"The body is {kind}, or not UTF-8: send JSON with the header content-type: {_JSON}"
        )


def media_type(headers: Mapping[str, str]) -> str:
    """Of which kind a body is, by its headers: JSON where they do not say."""
    named = {name.lower(): value for name, value in headers.items()}
    return str(named.get("content-type") or _JSON).partition(";")[0].strip().lower()


def _source(event: Mapping[str, Any]) -> str:
    """The caller's address, as API Gateway saw it."""
    identity = (event.get("requestContext") or {}).get("identity") or {}
    return str(identity.get("sourceIp") or "")


async def _authenticate(headers: Mapping[str, str], source: str) -> Caller:
    lowered = {name.lower(): value for name, value in headers.items()}
    return await _keys(services()).authenticate(lowered, source)


@lru_cache(maxsize=1)
def _keys(used: Services) -> Keys:
    return Keys(access_settings(), Secrets(used.secrets), used.keys, limit_settings().policy_ttl_seconds)


def refusal(error: Exception) -> Response[str]:
    """What a caller is told of an error, in LiteLLM's shapes."""
    if isinstance(error, RequestValidationError):
        return _malformed(error)
    if isinstance(error, errors.Told):
        return answer({"detail": {"error": error.message}}, error.status)
    if isinstance(error, RequestUnsupportedContentType):
        error = errors.UnsupportedMediaType(f"Send JSON with the header content-type: {_JSON}")
    told = _told(error)
    return answer(errors.body(told), told.status, told.headers)


def _told(error: Exception) -> errors.TollgateError:
    if isinstance(error, errors.TollgateError):
        return error
    logger.error("a request failed", exc_info=error)
    if isinstance(error, AwsUnavailable):
        return errors.StoreUnavailable("The store cannot be reached. Try again.")
    return errors.TollgateError("Internal server error")


def problem(error: RequestValidationError) -> Response[str]:
    """Bad parameters as RFC 9457 tells them."""
    first = error.errors()[0]
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    told = {"type": "about:blank", "title": status.phrase, "status": int(status)}
    told["detail"] = f"{first['loc'][-1]}: {first['msg']}"
    return Response(int(status), _PROBLEM, dumps(told).decode())


def _malformed(error: RequestValidationError) -> Response[str]:
    """FastAPI's body, which is LiteLLM's; a field of a parameter model is told as the parameter it is."""
    told = [{name: fault.get(name) for name in _TOLD} for fault in error.errors()]
    detail = [{**fault, "loc": _place(fault["loc"])} for fault in told]
    return answer({"detail": detail}, HTTPStatus.UNPROCESSABLE_ENTITY)


def _place(loc: tuple[Any, ...]) -> tuple[Any, ...]:
    return loc if loc[0] == "body" else (loc[0], loc[-1])


def _unrouted(_error: NotFoundError) -> Response[str]:
    return refusal(errors.NotFound("Not found"))
