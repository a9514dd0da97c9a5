"""The local API Gateway: an ASGI app that gives each request to the function its route names."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple

from local.compression import compressed
from local.invocation import LambdaFunction
from local.parts import Canned
from local.rest_event import Request, Response, event, response
from local.routing import Match, Routes

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = logging.getLogger(__name__)

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
_MAX_BODY: Final = 10 * 1024 * 1024
_TIMEOUT: Final = 29.0
_THREADS: Final = 8


class _BodyTooLarge(Exception):
    """The request's body is over API Gateway's limit."""


class Own(NamedTuple):
    """What API Gateway does itself: answers, by the names of GatewayResponses, and compression."""

    canned: Callable[[str], Canned]
    compressed_from: int | None = None


class Edge:
    """Routes to web apps (which stream) and to Lambda handlers (in threads); `pages` are apps by path prefix.

    `own` is what API Gateway does itself.
    """

    def __init__(
        self,
        routes: Routes,
        functions: Mapping[str, LambdaFunction],
        web_apps: Mapping[str, App],
        pages: Mapping[str, App],
        own: Own,
    ) -> None:
        self._routes = routes
        self._functions = functions
        self._web_apps = web_apps
        self._pages = pages
        self._does = own
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="lambda")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass the server's start and stop on to the web app."""
        if scope["type"] != "http":
            await next(iter(self._web_apps.values()))(scope, receive, send)
            return
        for prefix, page in self._pages.items():
            if f"{scope['path']}/".startswith(f"{prefix}/"):
                await page(scope, receive, send)
                return
        match = self._routes.match(scope["method"], _raw_path(scope))
        if match and match.route.function in self._web_apps:
            await self._web_apps[match.route.function](scope, receive, send)
        else:
            await _send(send, await self._answer(match, scope, receive))

    async def _answer(self, match: Match | None, scope: Scope, receive: Receive) -> Response:
        if match is None:
            return self._own("MISSING_AUTHENTICATION_TOKEN")
        try:
            request = _request(match, scope, await _body(receive))
            answer = response(await self._invoke(match.route.function, request))
            return compressed(answer, request.headers, self._does.compressed_from)
        except _BodyTooLarge:
            return self._own("REQUEST_TOO_LARGE")
        except TimeoutError:
            return self._own("INTEGRATION_TIMEOUT")
        except Exception:
            logger.exception("%s failed", match.route.function)
            return self._own("INTEGRATION_FAILURE")

    async def _invoke(self, name: str, request: Request) -> Any:
        loop = asyncio.get_running_loop()
        sent = event(request)
        call = loop.run_in_executor(
            self._threads, self._functions[name].invoke, sent, sent["requestContext"]["requestId"]
        )
        return await asyncio.wait_for(call, _TIMEOUT)

    def _own(self, name: str) -> Response:
        canned = self._does.canned(name)
        return Response(canned.status, (("content-type", "application/json"),), canned.body.encode())


def _raw_path(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.decode("latin-1").partition("?")[0]


def _request(match: Match, scope: Scope, body: bytes) -> Request:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    client = scope["client"][0] if scope.get("client") else "127.0.0.1"
    forwarded = [("x-forwarded-for", client), ("x-forwarded-proto", scope["scheme"])]
    return Request(
        method=scope["method"],
        path=_raw_path(scope),
        query=scope["query_string"].decode("latin-1"),
        headers=[*headers, *forwarded],
        body=body,
        client=client,
        resource=match.route.path,
        parameters=match.parameters,
    )


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > _MAX_BODY:
            raise _BodyTooLarge
    return bytes(body)


async def _send(send: Send, answer: Response) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    headers = [(name, value) for name, value in headers if name != b"content-length"]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
