"""The proxy's routes: with and without /v1, below any prefix; one app for Mangum, adapter and uvicorn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

from fastapi import Depends, FastAPI, Request, Response
from starlette.exceptions import HTTPException

from proxy import openapi
from proxy.answers import body_of, dialect_of, json, refusal, response, source_of
from proxy.stage import UnderPrefix
from proxy.time_left import seconds_left
from proxy.wiring import close, gateway
from tollgate import errors, observability
from tollgate.endpoints.endpoint import Endpoint
from tollgate.endpoints.table import ENDPOINTS, RESPONSES
from tollgate.gateway import Gateway
from tollgate.relay import drained
from tollgate.stored import Asking, Method

_FORWARDED: Final = "Forwarded to the provider of the model, and metered."
_ASKED: Final = "A stored response, at the provider that keeps it."
_A_MODEL: Final = openapi.with_parameter("name", openapi.MODEL)
_STORED: Final[tuple[tuple[Method, str], ...]] = (
    *(("GET", ""), ("DELETE", "")),
    *(("POST", "/cancel"), ("GET", "/input_items")),
)


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
    await drained()
    await close()


api = FastAPI(title="Tollgate", lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url=None)
api.router.redirect_slashes = False
api.router.default = UnderPrefix(api.router)
TheGateway = Annotated[Gateway, Depends(gateway, use_cache=False)]


def _serve(endpoint: Endpoint) -> None:
    """Route an endpoint: with and without /v1, and doubled for clients whose base URL is one itself."""

    async def call(request: Request, tollgate: TheGateway) -> Response:
        headers, body = dict(request.headers), await body_of(request)
        left, source = seconds_left(request.scope, headers), source_of(request)
        return response(await tollgate.call(endpoint, headers, body, request.url.query, left, source=source))

    told = openapi.forwarded(endpoint)
    doubled = ("/v1/messages/v1", "/messages/v1") if endpoint.dialect == "anthropic" else ()
    for prefix in ("/v1", "", *doubled):
        path = f"{prefix}{endpoint.path}"
        api.add_api_route(path, call, methods=["POST"], name=endpoint.path, description=_FORWARDED, **told)


def _serve_stored(method: Method, part: str) -> None:
    """Route what can be asked of a stored response."""

    # Not a typed parameter: the first of those makes FastAPI import pydantic.v1, at 40 ms a cold start.
    async def ask(request: Request, tollgate: TheGateway) -> Response:
        headers = dict(request.headers)
        asked = Asking(method, request.path_params["response_id"], part, request.url.query)
        left, source = seconds_left(request.scope, headers), source_of(request)
        return response(await tollgate.stored_response(asked, headers, left, source=source))

    told = openapi.with_parameter("response_id", openapi.STORED)
    for prefix in ("/v1", ""):
        path = f"{prefix}{RESPONSES.path}/{{response_id}}{part}"
        api.add_api_route(path, ask, methods=[method], name=f"{method} {part}", description=_ASKED, **told)


for _endpoint in ENDPOINTS:
    _serve(_endpoint)
for _method, _part in _STORED:
    _serve_stored(_method, _part)


@api.get("/v1/models", **openapi.MODELS)
@api.get("/models", **openapi.MODELS)
async def models(request: Request, tollgate: TheGateway) -> Response:
    """The models that can be asked for."""
    source = source_of(request)
    return json(
        await tollgate.information.list_models(dict(request.headers), dialect_of(request), source=source)
    )


@api.get("/v1/models/{name:path}", **_A_MODEL)  # noqa: FAST003 - the same as above
@api.get("/models/{name:path}", **_A_MODEL)
async def model(request: Request, tollgate: TheGateway) -> Response:
    """One model."""
    name = request.path_params["name"]
    source = source_of(request)
    return json(
        await tollgate.information.model(dict(request.headers), name, dialect_of(request), source=source)
    )


@api.post("/spend/calculate", **openapi.COSTS)
async def spend_calculate(request: Request, tollgate: TheGateway) -> Response:
    """What a call costs, by its messages or its answer."""
    headers, body = dict(request.headers), await body_of(request)
    return json(await tollgate.information.spend_calculate(headers, body, source=source_of(request)))


@api.post("/cost/estimate", **openapi.COSTS)
async def cost_estimate(request: Request, tollgate: TheGateway) -> Response:
    """What so many calls of so many tokens cost."""
    headers, body = dict(request.headers), await body_of(request)
    return json(await tollgate.information.cost_estimate(headers, body, source=source_of(request)))


@api.head("/", response_class=Response, **openapi.PROBED)
@api.head("/messages", response_class=Response, **openapi.PROBED)
@api.head("/v1/messages", response_class=Response, **openapi.PROBED)
async def probe() -> Response:
    """Claude Code asks its base URL whether there is anyone, before its first call."""
    return Response()


@api.get("/health", **openapi.ALIVE)
@api.get("/health/liveliness", **openapi.ALIVE)
async def health() -> Response:
    """Whether the process answers; it asks nothing of its surroundings."""
    return json("I'm alive!")


@api.exception_handler(errors.TollgateError)
async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.TollgateError)  # noqa: S101 - what the line above registers
    return refusal(request, error)


@api.exception_handler(HTTPException)
async def _not_routed(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    kind = errors.MethodNotAllowed if status == errors.MethodNotAllowed.status else errors.NotFound
    return refusal(request, kind(f"{request.method} {request.url.path} is not served here."))


@api.exception_handler(Exception)
async def _failed(request: Request, error: Exception) -> Response:
    observability.logger.error("unexpected error", exc_info=error)
    return refusal(request, errors.TollgateError("Internal server error."))
