"""Claude on Amazon Bedrock: called as AWS wants it, answered as Anthropic's clients know it, and metered."""

import json
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from tests.aws_frames import chunk, exception
from tests.builders import answers, completion, decoded, sse, streamed, streams
from tests.calling import booked, call, catalogue, only, read
from tests.fakes import Chunks, FakeProvider, Respond
from tests.stack import Stack
from tollgate import settings
from tollgate.endpoints.table import CHAT, EMBEDDINGS, MESSAGES
from tollgate.errors import NotSpoken
from tollgate.models import Models
from tollgate.money import ZERO
from tollgate.records import Usage

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
FRAMES = {"content-type": "application/vnd.amazon.eventstream"}
MESSAGE = {
    "type": "message",
    "content": [{"type": "text", "text": "Hi."}],
    "usage": {"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 100},
}


@pytest.fixture(autouse=True)
def role(monkeypatch: pytest.MonkeyPatch, fresh_settings: None) -> None:
    """The function's own role, as Lambda puts it into the environment."""
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    settings.aws_settings.cache_clear()


def models(**provider: Any) -> Models:
    bedrock = {
        "api": "bedrock",
        "base_url": "https://bedrock-runtime.{region}.amazonaws.com",
        "priced_as": "aws",
        **provider,
    }
    alias = {"name": "sonnet", "provider": "bedrock", "model": MODEL}
    return catalogue({"bedrock": bedrock}, alias, {"name": "*.anthropic.claude-*", "provider": "bedrock"})


def asked(**fields: Any) -> dict[str, Any]:
    return {"model": MODEL, "max_tokens": 50, "messages": [{"role": "user", "content": "hi"}], **fields}


def frames(*pieces: Any) -> Respond:
    return lambda _: httpx2.Response(200, headers=FRAMES, stream=Chunks(pieces))


EVENTS: list[dict[str, Any]] = [
    {"type": "message_start", "message": {"usage": {"input_tokens": 10, "cache_creation_input_tokens": 7}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi there. 1.10"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}},
    {
        "type": "message_stop",
        "amazon-bedrock-invocationMetrics": {
            "inputTokenCount": 10,
            "outputTokenCount": 5,
            "invocationLatency": 9,
        },
    },
]


async def test_a_message_invokes_the_model_as_our_own_role(stack: Stack) -> None:
    provider = FakeProvider(answers(MESSAGE))
    body = asked(model="sonnet", stream=False, metadata={"user_id": "acme"}, temperature=0.5)
    answer = await call(
        stack.gateway(provider, models=models()), MESSAGES, body, anthropic_version="2023-06-01"
    )
    (request,) = provider.requests
    assert str(request.url) == (
        "https://bedrock-runtime.eu-west-3.amazonaws.com/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke"
    )
    assert json.loads(request.content) == {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 50,
        "messages": [{"role": "user", "content": "hi"}],
        "metadata": {"user_id": "acme"},
        "temperature": 0.5,
    }
    proof = request.headers["authorization"]
    assert proof.startswith("AWS4-HMAC-SHA256 Credential=ASIATEST/")
    assert (
        "/eu-west-3/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token"
        in proof
    )
    assert request.headers["x-amz-security-token"] == "token"
    assert "anthropic-version" not in request.headers
    assert json.loads(await read(answer)) == MESSAGE
    event = only(stack)
    assert event.usage == Usage(input=10, cache_read=100, output=5)
    # https://aws.amazon.com/bedrock/pricing: 3.30, 0.33 and 16.50 USD a million in a region of one's own
    assert event.cost == (10 * Decimal("3.3") + 100 * Decimal("0.33") + 5 * Decimal("16.5")) / 1_000_000
    assert (event.entry.provider, event.entry.model, event.entry.model_group) == ("bedrock", MODEL, "sonnet")
    assert event.entry.customer_id == "acme"


async def test_betas_move_from_the_header_into_the_body(stack: Stack) -> None:
    provider = FakeProvider(answers(MESSAGE))
    body = asked(anthropic_beta=["own"], anthropic_version="bedrock-other")
    await call(stack.gateway(provider, models=models()), MESSAGES, body, anthropic_beta="a-1, own,b-2,")
    sent = json.loads(provider.requests[0].content)
    assert sent["anthropic_beta"] == ["own", "a-1", "b-2"]
    assert sent["anthropic_version"] == "bedrock-other"
    assert "anthropic-beta" not in provider.requests[0].headers


@pytest.mark.parametrize("size", [1, 13, 100_000])
async def test_the_binary_stream_reaches_the_client_as_anthropics_events(stack: Stack, size: int) -> None:
    data = b"".join(map(chunk, EVENTS))
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    provider = FakeProvider(frames(*pieces))
    answer = await call(stack.gateway(provider, models=models()), MESSAGES, asked(stream=True))
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    content = await read(answer)
    assert [line for line in content.decode().splitlines() if line.startswith("event:")] == [
        f"event: {event['type']}" for event in EVENTS
    ]
    assert decoded(content) == EVENTS
    assert provider.requests[0].url.path.endswith("/invoke-with-response-stream")
    event = only(stack)
    assert (event.ending, event.estimated) == ("finished", "")
    assert event.usage == Usage(input=10, cache_write_5m=7, output=5)


async def test_an_exception_in_the_stream_is_told_as_anthropic_tells_it_and_booked_as_a_failure(
    stack: Stack,
) -> None:
    broken = b"".join(map(chunk, EVENTS[:3])) + exception("throttlingException", "Slow down.")
    gateway = stack.gateway(FakeProvider(frames(broken)), models=models())
    content = await read(await call(gateway, MESSAGES, asked(stream=True)))
    assert content.endswith(
        b'event: error\ndata: {"type":"error","error":{"type":"rate_limit_error","message":"Slow down."}}\n\n'
    )
    event = only(stack)
    assert (event.ending, event.status) == ("upstream_error", "failure")
    assert event.usage == Usage(input=10, cache_write_5m=7, output=4)
    assert event.estimated.startswith("no final usage reported; input: as reported")


@pytest.mark.parametrize(
    "end",
    [chunk(EVENTS[3])[:-1], chunk(EVENTS[3])[:-1] + b"x", httpx2.ReadError("gone"), b"not frames at all"],
)
async def test_a_stream_that_breaks_off_or_is_garbled_ends_in_an_error_event(stack: Stack, end: Any) -> None:
    gateway = stack.gateway(FakeProvider(frames(*map(chunk, EVENTS[:3]), end)), models=models())
    content = await read(await call(gateway, MESSAGES, asked(stream=True)))
    assert b'event: error\ndata: {"type":"error","error":{"type":"api_error"' in content
    event = only(stack)
    assert (event.ending, event.usage) == ("upstream_cut", Usage(input=10, cache_write_5m=7, output=4))


async def test_a_refusal_comes_in_anthropics_envelope(stack: Stack) -> None:
    refused = answers({"message": "The provided model identifier is invalid."}, 400)
    gateway = stack.gateway(FakeProvider(refused), models=models())
    answer = await call(gateway, MESSAGES, asked(stream=True))
    assert answer.status == 400
    assert json.loads(await read(answer)) == {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": "The provided model identifier is invalid."},
    }
    event = only(stack)
    assert (event.ending, event.cost, event.usage) == ("upstream_error", ZERO, Usage())


async def test_chat_completions_go_to_its_openai_compatible_endpoint(stack: Stack) -> None:
    provider = FakeProvider(answers(completion()), streams(streamed("hi")))
    gateway = stack.gateway(provider, models=models())
    await read(await call(gateway, CHAT, asked(model="sonnet")))
    content = await read(await call(gateway, CHAT, asked(stream=True)))
    whole, stream = provider.requests
    assert whole.url.path == stream.url.path == "/openai/v1/chat/completions"
    assert json.loads(whole.content)["model"] == MODEL
    assert json.loads(stream.content)["stream_options"] == {"include_usage": True}
    assert "/bedrock/aws4_request" in stream.headers["authorization"]
    assert content.endswith(sse(b"[DONE]"))
    assert [event.usage for event in booked(stack)] == [Usage(input=10, output=5)] * 2


async def test_its_region_may_be_another_one_than_ours(stack: Stack) -> None:
    provider = FakeProvider(answers(MESSAGE))
    await call(stack.gateway(provider, models=models(region="us-west-2")), MESSAGES, asked())
    (request,) = provider.requests
    assert request.url.host == "bedrock-runtime.us-west-2.amazonaws.com"
    assert "/us-west-2/bedrock/aws4_request" in request.headers["authorization"]


async def test_a_bedrock_key_takes_the_place_of_the_role(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEDROCK_KEY", "bedrock-api-key")
    provider = FakeProvider(answers(MESSAGE))
    await call(stack.gateway(provider, models=models(key="BEDROCK_KEY")), MESSAGES, asked())
    assert provider.requests[0].headers["authorization"] == "Bearer bedrock-api-key"


async def test_what_it_does_not_speak_is_refused_with_what_it_does(stack: Stack) -> None:
    with pytest.raises(NotSpoken, match=r"call /v1/chat/completions or /v1/messages instead"):
        await call(stack.gateway(models=models()), EMBEDDINGS, {"model": MODEL, "input": "x"})
