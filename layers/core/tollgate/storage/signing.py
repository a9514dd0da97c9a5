"""AWS Signature Version 4 for JSON calls, checked against botocore's signer in the tests.

Its own twenty lines because importing botocore.auth costs a cold start 170 ms and 75 modules
(docs/decisions/0002-own-dynamodb-client.md).
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hmac
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple


class Credentials(NamedTuple):
    """What Lambda puts into the environment of a function."""

    access_key: str
    secret_key: str
    token: str = ""


class Scope(NamedTuple):
    """What a signature is good for."""

    service: str
    region: str
    host: str


class Request(NamedTuple):
    """A call of a JSON service: POST to `/`, the operation named in a header."""

    body: bytes
    target: str
    content_type: str


def signed_headers(
    request: Request, who: Credentials, scope: Scope, *, now: datetime | None = None
) -> dict[str, str]:
    """The headers of a POST to `/` of a JSON service, its signature included."""
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    headers = {"content-type": request.content_type, "host": scope.host, "x-amz-date": stamp}
    if who.token:
        headers["x-amz-security-token"] = who.token
    headers["x-amz-target"] = request.target
    names = ";".join(headers)
    canonical = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"POST\n/\n\n{canonical}\n{names}\n{sha256(request.body).hexdigest()}"
    reach = f"{stamp[:8]}/{scope.region}/{scope.service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{reach}\n{sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(_signing_key(who.secret_key, reach), text.encode(), "sha256").hex()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={who.access_key}/{reach}, SignedHeaders={names}, Signature={signature}"
    )
    return headers


@lru_cache(maxsize=8)
def _signing_key(secret: str, reach: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in reach.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
