"""The proxy's routes: OpenAI's paths, with and without /v1; one app for Mangum, the adapter and uvicorn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from proxy.wiring import gateway
from tollgate import errors, observability
from tollgate.attempt import Answer
from tollgate.gateway import Gateway
from tollgate.money import dumps
from tollgate.relay import drained
from tollgate.settings import proxy_settings


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
    await drained()


api = FastAPI(title="Tollgate", lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url=None)
TheGateway = Annotated[Gateway, Depends(gateway, use_cache=False)]


@api.post("/v1/chat/completions")
@api.post("/chat/completions")
async def chat_completions(request: Request, tollgate: TheGateway) -> Response:
    """OpenAI's chat completions, streamed or not."""
    return _response(await tollgate.chat(dict(request.headers), await _body(request)))


@api.get("/v1/models")
@api.get("/models")
async def models(request: Request, tollgate: TheGateway) -> Response:
    """The models that can be asked for, in OpenAI's shape."""
    return _json(await tollgate.list_models(dict(request.headers)))


@api.get("/health")
@api.get("/health/liveliness")
async def health() -> Response:
    """Whether the process answers; it asks nothing of its surroundings."""
    return _json("I'm alive!")


@api.exception_handler(errors.TollgateError)
async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, errors.TollgateError)  # noqa: S101 - what the line above registers
    return _json(errors.body(error), error.status, error.headers)


@api.exception_handler(HTTPException)
async def _not_routed(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    known = status == errors.MethodNotAllowed.status
    kind = errors.MethodNotAllowed if known else errors.NotFound
    return _json(errors.body(kind(f"{request.method} {request.url.path} is not served here.")), kind.status)


@api.exception_handler(Exception)
async def _failed(_: Request, error: Exception) -> Response:
    observability.logger.error("unexpected error", exc_info=error)
    return _json(errors.body(errors.TollgateError("Internal server error.")), errors.TollgateError.status)


async def _body(request: Request) -> bytes:
    """Read the whole body; raises BodyTooLarge as soon as it is over the limit."""
    limit, body = proxy_settings().max_body_bytes, bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise errors.BodyTooLarge(f"The request body is over the limit of {limit} bytes.")
    return bytes(body)


class _MeteredStream(StreamingResponse):
    """A stream whose source learns at once that its client is gone, not when garbage is collected."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self.body_iterator.aclose()  # type: ignore[attr-defined]  # ours is a Relay


def _response(answer: Answer) -> Response:
    if isinstance(answer.body, bytes):
        return Response(answer.body, answer.status, answer.headers)
    return _MeteredStream(answer.body, answer.status, answer.headers)


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(dumps(body), status, headers, media_type="application/json")
