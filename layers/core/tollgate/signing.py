"""AWS Signature Version 4, checked against botocore's signer in the tests.

Its own thirty lines because importing botocore.auth costs a cold start 170 ms and 75 modules
(docs/decisions/0002-own-dynamodb-client.md).
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote


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


class Unsigned(NamedTuple):
    """A request to sign: its path and query as they are sent, its headers in lower case."""

    method: str
    path: str
    body: bytes
    headers: Mapping[str, str]
    query: str = ""


def signed(
    request: Unsigned, who: Credentials, scope: Scope, *, now: datetime | None = None
) -> dict[str, str]:
    """The request's headers with its host, date, token and signature."""
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    headers = {**request.headers, "host": scope.host, "x-amz-date": stamp}
    if who.token:
        headers["x-amz-security-token"] = who.token
    names = ";".join(sorted(headers))
    reach = f"{stamp[:8]}/{scope.region}/{scope.service}/aws4_request"
    canonical = _canonical(request, headers, names)
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{reach}\n{sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(_signing_key(who.secret_key, reach), text.encode(), "sha256").hex()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={who.access_key}/{reach}, SignedHeaders={names}, Signature={signature}"
    )
    return headers


def _canonical(request: Unsigned, headers: Mapping[str, str], names: str) -> str:
    """The text that is signed. Every service but S3 wants the path, encoded as it is, encoded once more."""
    values = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names.split(";"))
    pairs = sorted(pair.partition("=") for pair in request.query.split("&") if pair)
    query = "&".join(f"{name}={value}" for name, _, value in pairs)
    digest = sha256(request.body).hexdigest()
    return f"{request.method}\n{quote(request.path, safe='/~')}\n{query}\n{values}\n{names}\n{digest}"


@lru_cache(maxsize=8)
def _signing_key(secret: str, reach: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in reach.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
