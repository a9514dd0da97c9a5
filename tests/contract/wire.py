"""Where a request goes in place of a socket: to a function's handler, in this process."""

import importlib
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlsplit

from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from local import rest_event, template
from local.parts import Function
from local.routing import Routes

BASE: Final = "http://gateway.test"
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


class ToFunctions(HTTPAdapter):
    """A transport that gives the event of a request to the function that template.yaml routes it to."""

    def __init__(self) -> None:
        super().__init__()
        described = template.read("")
        self._routes = Routes(described.routes())
        self._functions = described.functions()

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        """The function's answer."""
        at = urlsplit(request.url or "")
        match = self._routes.match(request.method or "", at.path)
        assert match is not None, f"{request.method} {at.path} is not routed"
        headers = tuple((name, text_of(value)) for name, value in request.headers.items())
        # Without an address nobody is slowed.
        sent = rest_event.Request(
            request.method or "",
            at.path,
            at.query,
            headers,
            body_of(request),
            client="",
            resource=match.route.path,
            parameters=match.parameters,
        )
        handler = _handler(self._functions[match.route.function])
        answer = rest_event.response(handler(rest_event.event(sent), None))
        return answered(request, answer.status, answer.headers, answer.body)


def _handler(function: Function) -> Handler:
    module, _, name = function.handler.rpartition(".")
    found: Handler = getattr(importlib.import_module(module), name)
    return found


def session(transport: HTTPAdapter, key: str) -> Session:
    """A caller over a transport; "" is no key."""
    one = Session()
    one.trust_env = False
    one.mount(BASE, transport)
    if key:
        one.headers["authorization"] = f"Bearer {key}"
    return one


def answered(
    request: PreparedRequest, status: int, headers: Iterable[tuple[str, str]], body: bytes
) -> Response:
    """A response as it would have come over the wire."""
    raw = HTTPResponse(BytesIO(body), dict(headers), status, preload_content=False)
    return HTTPAdapter().build_response(request, raw)


def body_of(request: PreparedRequest) -> bytes:
    """The bytes that would be sent."""
    body = request.body or b""
    assert isinstance(body, str | bytes)
    return body.encode() if isinstance(body, str) else body


def text_of(value: str | bytes) -> str:
    """A header's value."""
    return value.decode("latin-1") if isinstance(value, bytes) else value
