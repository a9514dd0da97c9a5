"""API Gateway's REST proxy format: the event a function gets for a request, and the response it answers with.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, unquote
from uuid import uuid4

from local.intrinsics import ACCOUNT

Pairs = Sequence[tuple[str, str]]
_STAGE: Final = "prod"
_BODYLESS: Final = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in; header names in any case, the path undecoded."""

    method: str
    path: str
    query: str = ""
    headers: Pairs = ()
    body: bytes = b""
    client: str = "127.0.0.1"
    resource: str = ""  # the route's path, with its {parameters}
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back to the client."""

    status: int
    headers: Pairs
    body: bytes


def event(request: Request) -> dict[str, Any]:
    """The event of a request: `multiValue…` fields hold all that is repeated, the others the last."""
    query = parse_qsl(request.query, keep_blank_values=True)
    text, encoded = _text(request.body)
    return {
        "resource": request.resource,
        "path": unquote(request.path),
        "httpMethod": request.method,
        "headers": dict(request.headers) or None,
        "multiValueHeaders": _multi(request.headers),
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": _multi(query),
        "pathParameters": dict(request.parameters) or None,
        "stageVariables": None,
        "requestContext": _context(request),
        "body": text,
        "isBase64Encoded": encoded,
    }


def response(answer: Any) -> Response:
    """The response of a function's answer. Raises ValueError or TypeError for an answer that is none."""
    if not isinstance(answer, Mapping) or "statusCode" not in answer:
        raise ValueError("a function behind the API must answer with an object that has a statusCode")
    status = int(answer["statusCode"])
    headers = list(_headers(answer))
    if not any(name.lower() == "content-type" for name, _ in headers) and status not in _BODYLESS:
        headers.append(("content-type", "application/json"))
    body = answer.get("body") or ""
    return Response(
        status, headers, base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    )


def _headers(answer: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Both kinds of headers, merged: of a name in both, only the values of the multi-value one count."""
    multi = answer.get("multiValueHeaders") or {}
    repeated = {name.lower() for name in multi}
    for name, values in multi.items():
        yield from ((name, str(value)) for value in values)
    for name, value in (answer.get("headers") or {}).items():
        if name.lower() not in repeated:
            yield name, str(value)


def _multi(pairs: Pairs) -> dict[str, list[str]] | None:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped or None


def _text(body: bytes) -> tuple[str | None, bool]:
    if not body:
        return None, False
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True


def _context(request: Request) -> dict[str, Any]:
    now = datetime.now(UTC)
    headers = {name.lower(): value for name, value in request.headers}
    request_id = str(uuid4())
    return {
        "accountId": ACCOUNT,
        "apiId": "local",
        "stage": _STAGE,
        "domainName": headers.get("host", ""),
        "httpMethod": request.method,
        "path": f"/{_STAGE}{request.path}",
        "resourcePath": request.resource,
        "protocol": "HTTP/1.1",
        "requestId": request_id,
        "extendedRequestId": request_id,
        "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": int(now.timestamp() * 1000),
        "identity": {"sourceIp": request.client, "userAgent": headers.get("user-agent")},
    }
