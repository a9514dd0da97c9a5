"""What the routes share: bodies read within their limit, answers that notice when their client leaves."""

from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from tollgate import errors
from tollgate.attempt import Answer
from tollgate.money import dumps
from tollgate.settings import proxy_settings

# Both SDKs obey the header x-should-retry; without it Claude Code tries a wrong key for minutes.
_PASSING: Final = frozenset({408, 409, 429})
_SERVERS_OWN: Final = 500


async def body_of(request: Request) -> bytes:
    """Read the whole body; raises BodyTooLarge as soon as it is over the limit."""
    limit, body = proxy_settings().max_body_bytes, bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise errors.BodyTooLarge(f"The request body is over the limit of {limit} bytes.")
    return bytes(body)


class _MeteredStream(StreamingResponse):
    """A stream whose source learns at once that its client is gone, not when garbage is collected.

    One that broke off without a word stays unfinished, so that the server breaks the client's connection.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except errors.UpstreamUnreachable:
            if "aws.event" in scope:  # Mangum has sent nothing yet, and makes it an error
                raise
        finally:
            await self.body_iterator.aclose()  # type: ignore[attr-defined]  # ours is a relay


def response(answer: Answer) -> Response:
    """The response to a call."""
    if isinstance(answer.body, bytes):
        return Response(answer.body, answer.status, answer.headers)
    return _MeteredStream(answer.body, answer.status, answer.headers)


def json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A response with a body of JSON."""
    return Response(dumps(body), status, headers, media_type="application/json")


def refusal(request: Request, error: errors.TollgateError) -> Response:
    """An error in the envelope that its caller expects."""
    again = {} if error.status in _PASSING or error.status >= _SERVERS_OWN else {"x-should-retry": "false"}
    return json(errors.body(error, dialect_of(request)), error.status, error.headers | again)


def dialect_of(request: Request) -> str:
    """Whose shapes a caller expects: Anthropic's on its paths and from its clients."""
    path = request.url.path
    on_its_path = "/v1/messages" in path or path.startswith("/messages")
    return "anthropic" if on_its_path or "anthropic-version" in request.headers else "openai"


def source_of(request: Request) -> str:
    """The caller's address, "" when it is not known.

    Mangum takes it from API Gateway's event, and uvicorn behind Lambda Web Adapter from the last entry of
    X-Forwarded-For, which API Gateway wrote: run.sh has it trust the adapter, and nobody else.
    """
    return request.client.host if request.client else ""
