"""Things to test with, each valid as it is; a test names only what it is about."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any, Final

import httpx2
from pydantic import SecretStr

from tests.fakes import Chunks, Respond
from tollgate.ids import first_id_at, new_request_id
from tollgate.money import dumps, loads
from tollgate.records import Entry, SpendEvent, Usage
from tollgate.settings import AwsSettings

Json = dict[str, Any]

MASTER_KEY: Final = "sk-master-of-tests"
KEY_ID: Final = "a" * 64
NOON: Final = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MESSAGES: Final = [{"role": "user", "content": "the prompt nobody may store"}]
_numbers: Final = count(1)
_ENTRY: Final = {field.name for field in fields(Entry)}


def request_id_at(moment: datetime, number: int = 1) -> str:
    """A request id of a moment; another number is another id of the same millisecond."""
    return f"{first_id_at(moment)[:-12]}{number:012x}"


def entry(**changes: Any) -> Entry:
    """An open entry of now, or of its `started_at`."""
    if (began := changes.get("started_at")) is not None:
        changes.setdefault("request_id", request_id_at(began, next(_numbers)))
    else:
        now = datetime.now(UTC)
        began = now.replace(microsecond=now.microsecond // 1000 * 1000)
    plain = {
        "request_id": new_request_id(),
        "customer_id": "acme",
        "key_id": KEY_ID,
        "model_group": "fast",
        "model": "gpt-4o-mini",
        "provider": "openai",
        "endpoint": "/chat/completions",
        "started_at": began,
        "day": began.strftime("%Y-%m-%d"),
        "input_estimate": 12,
        "output_limit": 100,
    }
    return Entry(**{**plain, **changes})


def event(**changes: Any) -> SpendEvent:
    """A spend event; changes may name fields of its entry too."""
    opened = changes.pop("entry", None) or entry(**{n: changes.pop(n) for n in _ENTRY & changes.keys()})
    plain = {
        "status": "success",
        "ending": "finished",
        "closed_at": opened.started_at,
        "usage": Usage(input=10, output=5),
        "cost": Decimal("0.0000045"),
        "charge": Decimal("0.0000045"),
        "price_version": "v1",
        "duration_ms": 250,
        "http_status": 200,
    }
    return SpendEvent(entry=opened, **{**plain, **changes})


def chat_body(**fields: Any) -> Json:
    """A chat completion's body."""
    return {"model": "gpt-4o-mini", "messages": MESSAGES, **fields}


def usage_report(prompt: int = 10, completion: int = 5, **more: Any) -> Json:
    """A usage object as OpenAI reports it."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        **more,
    }


def completion(usage: Mapping[str, Any] | None = None, **fields: Any) -> Json:
    """A chat completion's answer."""
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hi."}, "finish_reason": "stop"}
    shown = usage_report() if usage is None else usage
    return {"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "usage": shown, **fields}


def chunk(text: str | None = "Hi.", **fields: Any) -> Json:
    """One chunk of a streamed answer; without text, one that has no choices."""
    choices = [] if text is None else [{"index": 0, "delta": {"content": text}, "finish_reason": None}]
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": choices, **fields}


def sse(*payloads: Any, end: bytes = b"\n") -> bytes:
    """Server-sent events: bytes as they are, everything else as JSON."""
    return b"".join(b"data: " + _bytes(payload) + end * 2 for payload in payloads)


def streamed(*texts: str, usage: Mapping[str, Any] | None = None) -> bytes:
    """A whole stream as OpenAI sends it when asked for usage."""
    ends = [chunk(None, usage=usage or usage_report()), b"[DONE]"]
    return sse(*(chunk(text, usage=None) for text in texts or ("Hi.",)), *ends)


def answers(body: Any = None, status: int = 200, **headers: str) -> Respond:
    """A provider's answer in one piece, as JSON unless it is bytes."""
    content = _bytes(completion() if body is None else body)
    named = {"content-type": "application/json"} | {n.replace("_", "-"): v for n, v in headers.items()}
    return lambda _: httpx2.Response(status, content=content, headers=named)


def streams(*pieces: Any, status: int = 200) -> Respond:
    """A provider's stream in the pieces it arrives in; see `Chunks` for exceptions and events."""
    named = {"content-type": "text/event-stream; charset=utf-8"}
    return lambda _: httpx2.Response(status, stream=Chunks(pieces), headers=named)


def aws_settings(**changes: Any) -> AwsSettings:
    """Settings of an AWS nobody can reach."""
    plain = {
        "aws_region": "eu-central-1",
        "aws_endpoint_url": "http://aws.test",
        "aws_access_key_id": "AKIATEST",
        "aws_secret_access_key": SecretStr("secret"),
    }
    return AwsSettings(**{**plain, **changes})


def decoded(body: bytes) -> list[Any]:
    """The payloads of a stream of server-sent events, parsed where they are JSON."""
    payloads = [line[5:].strip() for line in body.splitlines() if line.startswith(b"data:")]
    return [payload if payload == b"[DONE]" else loads(payload) for payload in payloads]


def _bytes(payload: Any) -> bytes:
    return payload if isinstance(payload, bytes) else dumps(payload)
