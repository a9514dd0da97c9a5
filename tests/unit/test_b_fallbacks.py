"""A model with several deployments: who is tried, when, and what the ledger says of each attempt."""

import json
from collections import Counter
from dataclasses import fields
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from tests.builders import answers, chat_body, completion, streamed, streams
from tests.calling import KEY, booked, call, catalogue, read
from tests.fakes import LEDGER, FakeProvider
from tests.stack import Stack
from tollgate.endpoints.table import CHAT, EMBEDDINGS, ENDPOINTS, MESSAGES, RERANK
from tollgate.errors import NotSpoken, StoreUnavailable, UnknownModel, UpstreamTimeout, UpstreamUnreachable
from tollgate.models import Models, load_models
from tollgate.money import ZERO
from tollgate.records import Entry, Usage

PRICE = {"input": Decimal(1), "output": Decimal(10)}


def models(*more: dict[str, Any], **first: Any) -> Models:
    """`best` is served by one, else two; both fall back on `last`, served by three."""
    providers = {name: {"base_url": f"https://{name}.test/v1"} for name in ("one", "two", "three")}
    both = {"name": "best", "fallbacks": ["last"]}
    return catalogue(
        providers,
        {**both, "provider": "one", "model": "m1", "weight": 10**9, "prices": PRICE, **first},
        {**both, "provider": "two", "model": "m2", "prices": {"input": Decimal(2), "output": Decimal(20)}},
        {
            "name": "last",
            "provider": "three",
            "model": "m3",
            "prices": {"input": Decimal(0), "output": Decimal(0)},
        },
        *more,
    )


def hosts(provider: FakeProvider) -> list[str]:
    return [request.url.host.partition(".")[0] for request in provider.requests]


OVERLOADED = answers({"error": {"message": "later"}}, 429, retry_after="7")
FAILING = answers({"error": {"message": "sorry"}}, 503)
GOOD = answers(completion())


@pytest.mark.parametrize(
    "failing",
    [OVERLOADED, FAILING, answers(b"<html>", 502), answers({"error": {}}, 529), streams(b"x", status=500)],
)
async def test_an_overloaded_or_failing_deployment_is_followed_by_the_next(
    stack: Stack, failing: Any
) -> None:
    provider = FakeProvider(failing, GOOD)
    answer = await call(stack.gateway(provider, models=models()), CHAT, chat_body(model="best"))
    assert (answer.status, hosts(provider)) == (200, ["one", "two"])
    assert [json.loads(request.content)["model"] for request in provider.requests] == ["m1", "m2"]


@pytest.mark.parametrize(
    "broken", [httpx2.ConnectError("no"), httpx2.ReadError("gone"), httpx2.ReadTimeout("late")]
)
async def test_one_that_cannot_be_reached_or_hangs_up_is_followed_by_the_next(
    stack: Stack, broken: Exception
) -> None:
    provider = FakeProvider(broken, GOOD)
    gateway = stack.gateway(provider, models=models(), upstream_retries=0)
    assert (await call(gateway, CHAT, chat_body(model="best"))).status == 200
    assert hosts(provider) == ["one", "two"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
async def test_what_another_deployment_would_refuse_as_well_is_not_tried_again(
    stack: Stack, status: int
) -> None:
    provider = FakeProvider(answers({"error": {}}, status))
    answer = await call(stack.gateway(provider, models=models()), CHAT, chat_body(model="best"))
    assert (answer.status, hosts(provider)) == (status, ["one"])


async def test_every_attempt_has_an_entry_that_names_who_served_it_and_at_what_price(stack: Stack) -> None:
    billed = answers(
        {"error": {}, "usage": {"prompt_tokens": 7, "completion_tokens": 0, "total_tokens": 7}}, 500
    )
    provider = FakeProvider(billed, FAILING, GOOD)
    answer = await call(stack.gateway(provider, models=models()), CHAT, chat_body(model="best", user="acme"))
    first, second, third = booked(stack)
    assert [(e.entry.provider, e.entry.model) for e in (first, second, third)] == [
        ("one", "m1"),
        ("two", "m2"),
        ("three", "m3"),
    ]
    assert {(e.entry.model_group, e.entry.customer_id, e.entry.endpoint) for e in booked(stack)} == {
        ("best", "acme", "/chat/completions")
    }
    assert [e.entry.attempt for e in booked(stack)] == [1, 2, 3]
    assert [e.entry.call_id for e in booked(stack)] == ["", first.entry.request_id, first.entry.request_id]
    assert [e.ending for e in booked(stack)] == ["upstream_error", "upstream_error", "finished"]
    assert [e.cost for e in booked(stack)] == [Decimal("0.000007"), 0, 0]
    assert third.usage == Usage(input=10, output=5)
    assert answer.headers["x-litellm-call-id"] == third.entry.request_id
    assert answer.headers["x-litellm-attempted-fallbacks"] == "2"
    sent = [request.headers["x-client-request-id"] for request in provider.requests]
    assert sent == [e.entry.request_id for e in booked(stack)]


async def test_the_last_answer_goes_to_the_client_whatever_it_is(stack: Stack) -> None:
    provider = FakeProvider(FAILING, FAILING, OVERLOADED)
    answer = await call(stack.gateway(provider, models=models()), CHAT, chat_body(model="best"))
    assert (answer.status, answer.headers["retry-after"]) == (429, "7")
    assert json.loads(await read(answer)) == {"error": {"message": "later"}}
    assert len(booked(stack)) == 3


async def test_an_error_of_the_last_names_its_call(stack: Stack) -> None:
    provider = FakeProvider(httpx2.ConnectError("no"))
    gateway = stack.gateway(provider, models=models(), upstream_retries=0)
    with pytest.raises(UpstreamUnreachable) as raised:
        await call(gateway, CHAT, chat_body(model="best"))
    assert raised.value.headers["x-litellm-call-id"] == booked(stack)[-1].entry.request_id
    assert [(e.ending, e.cost) for e in booked(stack)] == [("upstream_unreachable", ZERO)] * 3


async def test_a_stream_falls_back_before_its_first_byte_and_never_after(stack: Stack) -> None:
    half = streams(streamed("Hello")[:90], httpx2.ReadError("gone"))
    provider = FakeProvider(FAILING, half, GOOD)
    answer = await call(stack.gateway(provider, models=models()), CHAT, chat_body(model="best", stream=True))
    content = await read(answer)
    assert hosts(provider) == ["one", "two"]
    assert b"The provider broke the stream off." in content
    assert [e.ending for e in booked(stack)] == ["upstream_error", "upstream_cut"]


async def test_a_whole_answer_that_breaks_off_is_booked_and_then_tried_elsewhere(stack: Stack) -> None:
    half = streams(b'{"choices":[{"message":{"content":"12345678', httpx2.ReadError("gone"))

    def broken(request: httpx2.Request) -> httpx2.Response:
        answer = half(request)
        answer.headers["content-type"] = "application/json"
        return answer

    provider = FakeProvider(broken, GOOD)
    assert (await call(stack.gateway(provider, models=models()), CHAT, chat_body(model="best"))).status == 200
    cut, served = booked(stack)
    assert (cut.ending, cut.usage.output, served.ending) == ("upstream_cut", 2, "finished")
    assert "the answer broke off" in cut.estimated


async def test_there_is_no_second_attempt_when_the_time_is_up(stack: Stack) -> None:
    def slow(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("late")

    provider = FakeProvider(slow, GOOD)
    gateway = stack.gateway(provider, models=models(), closing_seconds=1)
    with pytest.raises(UpstreamTimeout):
        await call(gateway, CHAT, chat_body(model="best"), seconds=1.000001)
    assert [event.entry.provider for event in booked(stack)] == ["one"]


async def test_a_call_for_which_no_time_is_left_is_not_made(stack: Stack) -> None:
    provider = FakeProvider(GOOD)
    with pytest.raises(UpstreamTimeout):
        await call(stack.gateway(provider, models=models(), closing_seconds=3), CHAT, chat_body(), seconds=3)
    assert (provider.requests, booked(stack)) == ([], [])


async def test_no_deployment_is_called_without_a_ledger(stack: Stack) -> None:
    provider = FakeProvider(GOOD)
    for operation in ("PutItem", "SendMessage"):
        stack.aws.fail(operation, "AccessDeniedException", times=9)
    with pytest.raises(StoreUnavailable):
        await call(stack.gateway(provider, models=models()), CHAT, chat_body(model="best"))
    assert len(provider.requests) <= 1


async def test_deployments_share_calls_by_weight_and_fallbacks_come_last(stack: Stack) -> None:
    weighted = models(weight=3)
    gateway_of = stack.gateway
    firsts: Counter[str] = Counter()
    for _ in range(400):
        provider = FakeProvider(FAILING)
        await call(gateway_of(provider, models=weighted), CHAT, chat_body(model="best"))
        assert sorted(hosts(provider)[:2]) == ["one", "two"]
        assert hosts(provider)[2:] == ["three"]
        firsts[hosts(provider)[0]] += 1
    assert 250 < firsts["one"] < 350  # three in four: 300, give or take 5.8 standard deviations


def test_a_fallback_that_nobody_serves_is_a_mistake_in_the_file() -> None:
    with pytest.raises(ValueError, match="'best' falls back on 'nobody', which no entry serves"):
        models(fallbacks=["nobody"])


async def test_a_model_that_falls_back_on_itself_is_tried_once(stack: Stack) -> None:
    provider = FakeProvider(FAILING)
    alone = {"name": "solo", "provider": "one", "prices": PRICE, "fallbacks": ["solo"]}
    await call(stack.gateway(provider, models=models(alone)), CHAT, chat_body(model="solo"))
    assert hosts(provider) == ["one"]


async def test_a_request_that_cannot_be_sent_leaves_no_entry_behind(stack: Stack) -> None:
    with pytest.raises(Exception, match="openai-beta"):
        await stack.gateway().call(CHAT, {**KEY, "openai-beta": "Zo\xeb"}, json.dumps(chat_body()).encode())
    assert booked(stack) == []


@pytest.mark.parametrize(
    ("endpoint", "model", "instead"),
    [
        (
            MESSAGES,
            "gpt-4o",
            "openai, which does not speak /v1/messages; call /v1/chat/completions or /v1/completions",
        ),
        (
            EMBEDDINGS,
            "claude-sonnet-4-5",
            "anthropic, which does not speak /v1/embeddings; call /v1/chat/completions",
        ),
        (CHAT, "rerank-v3.5", "cohere, which does not speak /v1/chat/completions; call /v1/rerank instead"),
        (RERANK, "gpt-4o", "openai, which does not speak /v1/rerank; call /v1/chat/completions or"),
    ],
)
async def test_a_model_asked_for_in_a_format_its_provider_does_not_speak(
    stack: Stack, endpoint: Any, model: str, instead: str
) -> None:
    body = {"model": model, "messages": [{}], "input": "x", "query": "q", "documents": ["d"]}
    with pytest.raises(NotSpoken) as refused:
        await call(stack.gateway(), endpoint, body)
    assert instead in refused.value.message.replace(" or /v1/responses", "")


def test_what_a_refusal_names_is_spoken() -> None:
    shipped = load_models()
    for entry in shipped.models:
        provider = shipped.providers[entry.provider]
        for endpoint in ENDPOINTS:
            if not provider.speaks(endpoint.path, endpoint.dialect):
                told = shipped._not_spoken(_wish(endpoint), [entry]).message  # noqa: SLF001 - every pair, no price
                named = told.partition("; call ")[2].removesuffix(" instead.").split(" or ")
                assert named
                for path in named:
                    spoken = next(e for e in ENDPOINTS if f"/v1{e.path}" == path)
                    assert provider.speaks(spoken.path, spoken.dialect)


async def test_a_model_nobody_serves_is_refused_before_anything_else(stack: Stack) -> None:
    with pytest.raises(UnknownModel):
        await call(stack.gateway(), CHAT, chat_body(model="nobody"))


async def test_an_entry_fits_into_a_kilobyte_with_every_field_at_its_usual_length(stack: Stack) -> None:
    provider = FakeProvider(FAILING, answers(completion(_everything(), service_tier="flex")))
    body = chat_body(model="best", user="customer-" + "x" * 27, stream=False, max_tokens=4096)
    await call(stack.gateway(provider, models=models()), CHAT, body, x_claude_code_session_id="s" * 36)
    assert only_served(stack).tier == "service_tier=flex"
    assert {f.name for f in fields(Entry)} >= {"attempt", "call_id"}
    assert max(map(_size, stack.aws.items(LEDGER))) <= 1024


def only_served(stack: Stack) -> Any:
    (served,) = [event for event in booked(stack) if event.ending == "finished"]
    return served


def _everything() -> dict[str, Any]:
    return {
        "prompt_tokens": 100_000,
        "completion_tokens": 10_000,
        "prompt_tokens_details": {"cached_tokens": 50_000, "audio_tokens": 100, "cache_write_tokens": 1000},
        "completion_tokens_details": {"reasoning_tokens": 5000, "audio_tokens": 50},
        "total_tokens": 110_000,
    }


def _size(item: dict[str, Any]) -> int:
    """What DynamoDB counts, generously: names, and the text of every value with a few bytes for its type."""
    return sum(len(name) + _value(value) for name, value in item.items())


def _value(typed: dict[str, Any]) -> int:
    ((kind, value),) = typed.items()
    if kind == "M":
        return 3 + sum(len(name) + 1 + _value(part) for name, part in value.items())
    return len(value) // 2 + 2 if kind == "N" else len(value) if kind == "S" else 1


def _wish(endpoint: Any) -> Any:
    from datetime import UTC, datetime  # noqa: PLC0415 - beside its only use

    from tollgate.models import Wish  # noqa: PLC0415 - the same

    return Wish("m", endpoint, datetime.now(UTC))
