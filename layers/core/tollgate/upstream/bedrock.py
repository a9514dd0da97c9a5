"""Amazon Bedrock, signed with our role: InvokeModel for Anthropic's API, and its OpenAI-compatible endpoint.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html
https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html
"""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

from tollgate import errors
from tollgate.call import Call, upstream_body
from tollgate.models import Deployment
from tollgate.money import dumps
from tollgate.settings import AwsSettings
from tollgate.signing import Credentials, Scope, Unsigned, signed
from tollgate.upstream.client import Shipment
from tollgate.upstream.frames import BrokenFrame, Frame, Frames
from tollgate.usage.sse import StreamMeter, parsed

EVENTS: Final = "text/event-stream; charset=utf-8"
_SERVICE: Final = "bedrock"
_VERSION: Final = "bedrock-2023-05-31"
_FAILURES: Final = {  # the exceptions of InvokeModelWithResponseStream, as statuses
    "internalServerException": 500,
    "modelStreamErrorException": 500,
    "modelTimeoutException": 504,
    "serviceUnavailableException": 529,
    "throttlingException": 429,
    "validationException": 400,
}


def shipment(
    call: Call, deployment: Deployment, headers: Mapping[str, str], proof: str | AwsSettings
) -> Shipment:
    """The request for a call, with a Bedrock API key or signed; `headers` are those that may cross."""
    path, body = _chat(call, deployment) if call.endpoint.dialect == "openai" else _invoke(call, deployment)
    url = urlsplit(f"{deployment.provider.base}{path}")
    crossing = {n: v for n, v in headers.items() if not n.startswith(("anthropic-", "openai-", "accept"))}
    if isinstance(proof, str):
        return Shipment(url.geturl(), crossing | deployment.provider.credentials(proof), body)
    unsigned = Unsigned("POST", url.path, body, {"content-type": "application/json"})
    scope = Scope(_SERVICE, deployment.provider.region or proof.aws_region, url.netloc)
    return Shipment(url.geturl(), crossing | signed(unsigned, _who(proof), scope), body)


def _chat(call: Call, deployment: Deployment) -> tuple[str, bytes]:
    return f"/openai/v1{call.endpoint.path}", upstream_body(call, deployment)


def _invoke(call: Call, deployment: Deployment) -> tuple[str, bytes]:
    """The model and whether to stream are in the path; the versions, headers elsewhere, are in the body."""
    operation = "invoke-with-response-stream" if call.stream else "invoke"
    body = {name: value for name, value in call.body.items() if name not in ("model", "stream")}
    body.setdefault("anthropic_version", _VERSION)
    if betas := _betas(call):
        body["anthropic_beta"] = betas
    return f"/model/{quote(deployment.model, safe='')}/{operation}", dumps(body)


def _betas(call: Call) -> list[Any]:
    asked = [name.strip() for name in call.headers.get("anthropic-beta", "").split(",")]
    own = call.body.get("anthropic_beta")
    return list(dict.fromkeys([*(own if isinstance(own, list) else []), *filter(None, asked)]))


def _who(aws: AwsSettings) -> Credentials:
    secret, token = aws.aws_secret_access_key, aws.aws_session_token
    return Credentials(aws.aws_access_key_id, secret.get_secret_value(), token.get_secret_value())


def refusal(status: int, content: bytes) -> bytes:
    """Bedrock's error, {"message": …}, in Anthropic's envelope."""
    told = parsed(content)
    message = told.get("message") or told.get("Message") or f"Bedrock answered {status}."
    return dumps(errors.anthropic(status, str(message)))


class BedrockStream:
    """The binary stream as the server-sent events that Anthropic's clients know, shown to the meter."""

    odd = False

    def __init__(self, meter: StreamMeter) -> None:
        self.meter = meter
        self._frames = Frames()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The events that are whole now. Raises BrokenFrame."""
        for frame in self._frames.feed(data):
            event = _event(frame)
            if event and (passed := self.meter.see(_sse(event), dumps(event))):
                yield passed

    def flush(self) -> bytes:
        """Half a message is none."""
        return b""


def _event(frame: Frame) -> dict[str, Any]:
    kind, payload = frame.headers.get(":message-type"), parsed(frame.payload)
    if kind == "event":
        return parsed(_bytes(str(payload.get("bytes", ""))))
    name = frame.headers.get(":exception-type") or frame.headers.get(":error-code", "")
    message = payload.get("message") or frame.headers.get(":error-message") or name
    return errors.anthropic(_FAILURES.get(name, 500), str(message))


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text)
    except ValueError:
        raise BrokenFrame("its payload is not base64") from None


def _sse(event: Mapping[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (str(event.get("type")).encode(), dumps(event))
