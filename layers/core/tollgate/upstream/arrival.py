"""An answer as its client wants it: what reads it while it passes, by what its provider says it is."""

from typing import Final

import httpx2

from tollgate.call import Call
from tollgate.endpoints.endpoint import Asked
from tollgate.models import Deployment
from tollgate.upstream import bedrock
from tollgate.upstream.headers import to_client
from tollgate.usage.media_stream import BareBytes
from tollgate.usage.sse import EventStream, Stream

_FIRST_ERROR: Final = 300
_EVENTS: Final = "text/event-stream"
_FRAMES: Final = "application/vnd.amazon.eventstream"


def stream(call: Call, response: httpx2.Response, asked: Asked) -> Stream | None:
    """What takes an answer through as it comes; None for one that is read whole, as every refusal is."""
    kind, make = _kind(response), call.endpoint.meter
    if response.status_code >= _FIRST_ERROR:
        return None
    if kind == _FRAMES and make is not None:
        return bedrock.BedrockStream(make(asked))
    if kind == _EVENTS and make is not None:
        return EventStream(make(asked))
    return BareBytes() if call.endpoint.bare and not _is_json(kind) else None


def headers(response: httpx2.Response) -> dict[str, str]:
    """The headers that a client may see, naming the form that it gets."""
    shown = to_client(response.headers)
    return shown | {"content-type": bedrock.EVENTS} if _kind(response) == _FRAMES else shown


def content(call: Call, deployment: Deployment, status: int, body: bytes) -> bytes:
    """The body of an answer that was read whole, a refusal in the envelope of the API spoken."""
    foreign = deployment.provider.api == "bedrock" and call.endpoint.dialect == "anthropic"
    return bedrock.refusal(status, body) if foreign and status >= _FIRST_ERROR else body


def _kind(response: httpx2.Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_json(kind: str) -> bool:
    return kind in ("", "application/json") or kind.endswith("+json")
