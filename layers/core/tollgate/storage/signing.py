"""The signed headers of AWS's JSON services: POST to `/`, the operation named in a header."""

from datetime import datetime
from typing import NamedTuple

from tollgate.signing import Credentials, Scope, Unsigned, signed

__all__ = ["Credentials", "Request", "Scope", "signed_headers"]


class Request(NamedTuple):
    """A call of a JSON service."""

    body: bytes
    target: str
    content_type: str


def signed_headers(
    request: Request, who: Credentials, scope: Scope, *, now: datetime | None = None
) -> dict[str, str]:
    """The headers of a POST to `/` of a JSON service, its signature included."""
    headers = {"content-type": request.content_type, "x-amz-target": request.target}
    return signed(Unsigned("POST", "/", request.body, headers), who, scope, now=now)
