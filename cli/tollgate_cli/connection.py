"""One HTTP connection to a deployment: its address and key, exact JSON, errors as ApiError."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import httpx2

from tollgate_cli.errors import ApiError, Unusable, refusal
from tollgate_cli.exact import dumps, loads

Row = dict[str, Any]
Rows = list[Row]
Query = Mapping[str, str | int | None]

# API Gateway gives a function 29 s, and making ten thousand customers takes most of them.
_SECONDS: Final = 35.0
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
JSON: Final = "application/json"
CSV: Final = "text/csv"


class Answer(NamedTuple):
    """An answer's JSON and headers."""

    value: Any
    headers: Mapping[str, str]


class Connection:
    """Calls one deployment with one key. Raises Unusable for a URL or key that no call can carry."""

    def __init__(self, url: str, key: str, transport: httpx2.BaseTransport | None = None) -> None:
        self.url = checked_url(url)
        self._http = httpx2.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {_checked_key(key)}", "User-Agent": "tollgate-cli"},
            timeout=_SECONDS,
            transport=transport,
            trust_env=not is_loopback(url),  # a proxy cannot reach this machine's own addresses
        )

    def get(self, path: str, query: Query | None = None) -> Answer:
        """Read. Raises ApiError."""
        given = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        return self._answer("GET", path, params=given)

    def post(self, path: str, body: Any) -> Any:
        """Write, a JSON body; the answer's JSON. Raises ApiError."""
        return self.send(path, dumps(body), JSON)

    def send(self, path: str, content: bytes, kind: str) -> Any:
        """Write, a body of any media type; the answer's JSON. Raises ApiError."""
        return self._answer("POST", path, content=content, headers={"Content-Type": kind}).value

    def close(self) -> None:
        """Give the sockets back."""
        self._http.close()

    def _answer(self, method: str, path: str, **request: Any) -> Answer:
        try:
            response = self._http.request(method, path, **request)
        except httpx2.TimeoutException:
            raise self._unreachable(f"did not answer within {_SECONDS:.0f} s; a write may be done") from None
        except httpx2.HTTPError as error:
            raise self._unreachable(f"cannot be reached: {error}") from None
        return self._read(response)

    def _read(self, response: httpx2.Response) -> Answer:
        try:
            value = loads(response.content)
        except ValueError:
            value = None
        if not response.is_success:
            raise refusal(response.status_code, value)
        if value is None:
            message = f"{self.url} did not answer with JSON: is that the URL of a Tollgate?"
            raise ApiError(message, status=response.status_code, type="unknown")
        return Answer(value, response.headers)

    def _unreachable(self, what: str) -> ApiError:
        return ApiError(f"{self.url} {what}", status=None, type="unreachable")


def is_loopback(url: str) -> bool:
    """Whether a URL is of this machine."""
    try:
        return httpx2.URL(url).host in _LOOPBACK
    except httpx2.InvalidURL:
        return False


def checked_url(url: str) -> str:
    """The URL of a deployment, without a last slash. Raises Unusable."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise Unusable(f"{url!r} is not a URL: {error}") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise Unusable(f"{url!r} is not the URL of a deployment, such as https://example.com/Prod")
    return url.rstrip("/")


def _checked_key(key: str) -> str:
    """The key without the line end that a file leaves. The message does not repeat it."""
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable():
        raise Unusable("The key is empty, or has characters that no header carries: it is `sk-` and ASCII")
    return key
