"""What the REST functions share: who is let in, JSON with every digit, errors in LiteLLM's shapes."""

from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from tollgate import errors
from tollgate.keys import Caller, Keys
from tollgate.management.audited import Actor
from tollgate.money import dumps
from tollgate.observability import logger
from tollgate.queries.question import InvalidQuery
from tollgate.runtime import Services, run, services
from tollgate.scopes import ADMIN
from tollgate.secret_values import Secrets
from tollgate.settings import access_settings
from tollgate.storage.aws import AwsUnavailable

_JSON: Final = "application/json"
_TOLD: Final = ("type", "loc", "msg", "input")
# Lambda refuses a response over 6 MB, its body escaped as a JSON string; the rest is for status and headers.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_LARGEST: Final = 6_000_000


def api() -> APIGatewayRestResolver:
    """A router whose errors have our shapes and never a stack trace; a function adds its routes."""
    app = APIGatewayRestResolver(enable_validation=True, debug=False)
    app.exception_handler(RequestValidationError)(_malformed)
    app.exception_handler(Exception)(_refusal)
    app.not_found(_unrouted)
    return app


class Scopes(NamedTuple):
    """The scope that a function's routes need, and those that need another, by the path of the route."""

    default: str = ADMIN
    by_path: Mapping[str, str] = MappingProxyType({})


def serve(app: APIGatewayRestResolver, event: dict[str, Any], context: Any, scopes: Scopes) -> dict[str, Any]:
    """Answer an API Gateway REST event: first key and scope are checked, then route and parameters."""
    try:
        caller = run(_authenticate(event.get("headers") or {}))
        resource = str(event.get("resource", ""))
        caller.require(scopes.by_path.get(resource, scopes.default), resource)
        context_of: Any = app.append_context  # untyped in Powertools
        context_of(caller=caller, source=_source(event))
    except Exception as error:  # noqa: BLE001 - the outermost place: whatever it is, the caller gets an envelope
        response = _refusal(error)
        headers = {"Content-Type": [_JSON]}
        return {"statusCode": response.status_code, "multiValueHeaders": headers, "body": response.body}
    return app.resolve(event, context)


def answer(value: Any, status: int = HTTPStatus.OK) -> Response[str]:
    """A JSON response, Decimals as numbers with every digit. Raises InvalidQuery when it is too large."""
    body = dumps(value).decode()
    size = len(dumps(body))
    if size > _LARGEST:
        raise InvalidQuery(
            f"The answer has {size} bytes, over {_LARGEST}: ask for fewer days a page or customers"
        )
    return Response(int(status), _JSON, body)


def caller_of(app: APIGatewayRestResolver) -> Caller:
    """Who called the route that is being served."""
    caller: Caller = app.context["caller"]
    return caller


def actor_of(app: APIGatewayRestResolver) -> Actor:
    """Who called the route that is being served, for the audit."""
    return Actor(caller_of(app).key_id, app.context["source"])


def _source(event: Mapping[str, Any]) -> str:
    """The caller's address, as API Gateway saw it."""
    identity = (event.get("requestContext") or {}).get("identity") or {}
    return str(identity.get("sourceIp") or "")


async def _authenticate(headers: Mapping[str, str]) -> Caller:
    return await _keys(services()).authenticate({name.lower(): value for name, value in headers.items()})


@lru_cache(maxsize=1)
def _keys(used: Services) -> Keys:
    return Keys(access_settings(), Secrets(used.secrets))


def _refusal(error: Exception) -> Response[str]:
    if isinstance(error, InvalidQuery):
        return answer({"detail": {"error": error.message}}, error.status)
    told = _told(error)
    return answer(errors.body(told), told.status)


def _told(error: Exception) -> errors.TollgateError:
    if isinstance(error, errors.TollgateError):
        return error
    logger.error("a request failed", exc_info=error)
    if isinstance(error, AwsUnavailable):
        return errors.StoreUnavailable("The store cannot be reached. Try again.")
    return errors.TollgateError("Internal server error")


def _malformed(error: RequestValidationError) -> Response[str]:
    """FastAPI's body, which is LiteLLM's; a field of a parameter model is told as the parameter it is."""
    told = [{name: fault.get(name) for name in _TOLD} for fault in error.errors()]
    detail = [{**fault, "loc": (fault["loc"][0], fault["loc"][-1])} for fault in told]
    return answer({"detail": detail}, HTTPStatus.UNPROCESSABLE_ENTITY)


def _unrouted(_error: NotFoundError) -> Response[str]:
    return _refusal(errors.NotFound("Not found"))
