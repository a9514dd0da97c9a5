"""The app as API Gateway, adapter and uvicorn reach it: paths, prefixes, envelopes, the time that is left."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from mangum import Mangum

from proxy.answers import response
from proxy.api import api
from proxy.time_left import seconds_left
from proxy.wiring import gateway
from tests.builders import MASTER_KEY, answers, chat_body, completion, streamed, streams
from tests.calling import booked, only
from tests.fakes import FakeProvider
from tests.stack import Stack
from tollgate.attempt import Answer
from tollgate.errors import HungUp
from tollgate.relay import drained

MESSAGE = {"type": "message", "content": [], "usage": {"input_tokens": 3, "output_tokens": 2}}
PREFIXES = ["", "/prod", "/llm", "/a/b/c"]


@pytest.fixture
def provider() -> FakeProvider:
    return FakeProvider(answers(completion()))


@pytest.fixture
async def client(stack: Stack, provider: FakeProvider) -> AsyncIterator[httpx2.AsyncClient]:
    api.dependency_overrides[gateway] = lambda: stack.gateway(provider)
    transport = httpx2.ASGITransport(api, raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {MASTER_KEY}"}
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://gateway.test", headers=headers
    ) as ours:
        yield ours
    api.dependency_overrides.clear()


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/chat/completions"])
async def test_an_endpoint_is_served_below_any_prefix(
    client: httpx2.AsyncClient, stack: Stack, prefix: str, path: str
) -> None:
    served = await client.post(prefix + path, json=chat_body())
    if prefix.count("/") > 1 and not path.startswith("/v1"):
        assert served.status_code == 404  # several segments are a prefix only before /v1
        return
    assert served.status_code == 200
    assert only(stack).entry.endpoint == "/chat/completions"


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("suffix", ["", "/count_tokens"])
async def test_claude_codes_doubled_path_is_served_below_any_prefix(
    client: httpx2.AsyncClient, stack: Stack, provider: FakeProvider, prefix: str, suffix: str
) -> None:
    provider.answers = [answers({"input_tokens": 3} if suffix else MESSAGE)]
    body = {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    served = await client.post(f"{prefix}/v1/messages/v1/messages{suffix}?beta=true", json=body)
    assert served.status_code == 200
    assert only(stack).entry.endpoint == f"/messages{suffix}"
    assert str(provider.requests[0].url) == f"https://api.anthropic.com/v1/messages{suffix}?beta=true"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/threads/thread_1/messages",
        "/prod/v1/threads/thread_1/messages",
        "/v1/files",
        "/v2/nothing",
        "/prod",
        "/v1/v1/chat/completions",
        "/v1/chat/completions/",
        "/v1/realtime",
    ],
)
async def test_what_is_not_served_is_not_found_in_openais_envelope(
    client: httpx2.AsyncClient, path: str
) -> None:
    missing = await client.post(path, json={})
    assert missing.status_code == 404
    assert missing.json()["error"]["message"] == f"POST {path} is not served here."
    assert missing.json()["error"]["code"] == "404"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v1/messages/batches", {}),
        ("/prod/v1/messages/batches", {}),
        ("/v1/nothing", {"anthropic-version": "2023-06-01"}),
    ],
)
async def test_or_in_anthropics(client: httpx2.AsyncClient, path: str, headers: dict[str, str]) -> None:
    missing = await client.post(path, json={}, headers=headers)
    told = {"type": "not_found_error", "message": f"POST {path} is not served here."}
    assert (missing.status_code, missing.json()) == (404, {"type": "error", "error": told})


async def test_another_method_is_told_apart(client: httpx2.AsyncClient) -> None:
    for path in ("/v1/chat/completions", "/prod/v1/chat/completions"):
        assert (await client.get(path)).status_code == 405


async def test_stored_responses_have_routes(
    client: httpx2.AsyncClient, provider: FakeProvider, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
    provider.answers = [answers({"id": "resp_1"})]
    for method, path in (
        ("GET", "/v1/responses/resp_1?include=x"),
        ("DELETE", "/responses/resp_1"),
        ("POST", "/prod/v1/responses/resp_1/cancel"),
        ("GET", "/v1/responses/resp_1/input_items?limit=2"),
    ):
        assert (await client.request(method, path)).json() == {"id": "resp_1"}
        asked = provider.requests[-1]
        assert (asked.method, path.endswith(asked.url.raw_path.decode().removeprefix("/v1"))) == (
            method,
            True,
        )
    assert booked(stack) == []


# ---------------------------------------------------------------- models


async def test_models_are_listed_as_each_sdk_expects_them(client: httpx2.AsyncClient) -> None:
    openais = (await client.get("/v1/models")).json()
    assert openais["object"] == "list"
    assert {"id": "gpt-4o", "object": "model", "created": 1677610602, "owned_by": "tollgate"} in openais[
        "data"
    ]
    anthropics = (await client.get("/v1/models", headers={"anthropic-version": "2023-06-01"})).json()
    assert [m["id"] for m in anthropics["data"]] == [m["id"] for m in openais["data"]]
    assert anthropics["first_id"] == anthropics["data"][0]["id"]
    assert (anthropics["last_id"], anthropics["has_more"]) == (anthropics["data"][-1]["id"], False)
    assert anthropics["data"][0]["type"] == "model"


@pytest.mark.parametrize(
    "name", ["gpt-4o", "gpt-4o-2024-08-06", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"]
)
async def test_a_model_can_be_looked_up_listed_or_not(client: httpx2.AsyncClient, name: str) -> None:
    for path in (f"/v1/models/{name}", f"/prod/v1/models/{name}"):
        assert (await client.get(path)).json()["id"] == name


@pytest.mark.parametrize("name", ["nobody", "gpt-of-next-year", "a/b"])
async def test_a_model_that_cannot_be_asked_for_is_not_found(client: httpx2.AsyncClient, name: str) -> None:
    missing = await client.get(f"/v1/models/{name}")
    assert missing.status_code == 404
    assert name in missing.json()["error"]["message"]


async def test_every_model_that_is_listed_can_be_looked_up(client: httpx2.AsyncClient) -> None:
    for listed in (await client.get("/v1/models")).json()["data"]:
        assert (await client.get(f"/v1/models/{listed['id']}")).status_code == 200


# ---------------------------------------------------------------- Lambda


def event(path: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": "POST",
        "headers": {"authorization": f"Bearer {MASTER_KEY}", "host": "api.test"},
        "requestContext": {"stage": "prod", "path": f"/prod{path}"},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def _context(milliseconds: int) -> Any:
    """Lambda's context of an invocation that has so much time left."""
    return SimpleNamespace(get_remaining_time_in_millis=lambda: milliseconds)


def test_a_function_that_is_about_to_end_makes_no_call(stack: Stack, provider: FakeProvider) -> None:
    api.dependency_overrides[gateway] = lambda: stack.gateway(provider)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)  # as Lambda's runtime has one for Mangum
    try:
        handler = Mangum(api, lifespan="off")
        late = handler(event("/v1/chat/completions", chat_body()), _context(2999))
        assert (late["statusCode"], json.loads(late["body"])["error"]["type"]) == (504, "upstream_timeout")
        assert provider.requests == []
        assert handler(event("/v1/chat/completions", chat_body()), _context(29_000))["statusCode"] == 200
    finally:
        asyncio.set_event_loop(None)
        loop.close()
        api.dependency_overrides.clear()


async def test_a_sound_that_breaks_off_is_an_error_where_answers_are_buffered() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"ID3"
        raise HungUp("The provider broke the stream off.")

    async def ignore(_: Any) -> None:
        return None

    async def connected() -> Any:
        await asyncio.sleep(60)

    answer = response(Answer(200, {"content-type": "audio/mpeg"}, broken()))
    scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
    await answer(scope, connected, ignore)  # the server sees that it is unfinished, and breaks the connection
    answer = response(Answer(200, {"content-type": "audio/mpeg"}, broken()))
    with pytest.raises(HungUp):
        await answer({**scope, "aws.event": {}}, connected, ignore)


async def test_a_stream_that_outlives_its_function_is_booked_before_the_function_ends(stack: Stack) -> None:
    never = asyncio.Event()
    content = streamed("Hello there")
    provider = FakeProvider(streams(content[:60], content[60:130], never))
    api.dependency_overrides[gateway] = lambda: stack.gateway(provider, closing_seconds=1)
    context = json.dumps({"deadline": int(time.time() * 1000) + 1200, "request_id": "r"})
    headers = {"authorization": f"Bearer {MASTER_KEY}", "x-amzn-lambda-context": context}
    transport = httpx2.ASGITransport(api)
    async with httpx2.AsyncClient(transport=transport, base_url="http://g") as ours:
        began = time.monotonic()
        answer = await ours.post("/v1/chat/completions", json=chat_body(stream=True), headers=headers)
        took = time.monotonic() - began
    await drained()
    api.dependency_overrides.clear()
    assert took < 1
    assert b"longer than a call may take" in answer.content
    ended = only(stack)
    assert (ended.ending, ended.status) == ("timed_out", "failure")
    assert ended.estimated


def told(deadline: Any, name: str = "deadline") -> dict[str, str]:
    return {"x-amzn-lambda-context": json.dumps({name: deadline})}


def test_the_time_left_is_what_lambda_or_the_adapter_says() -> None:
    assert (
        seconds_left({"aws.context": SimpleNamespace(get_remaining_time_in_millis=lambda: 1500)}, {}) == 1.5
    )
    now = int(time.time() * 1000)
    for name in ("deadline", "deadline_ms"):
        assert 9 < seconds_left({}, told(now + 10_000, name)) <= 10
    assert seconds_left({}, {}) == float("inf")


@pytest.mark.parametrize(
    "header", ["", "{", "[]", "null", '{"deadline": "soon"}', '{"deadline": true}', "[" * 9999]
)
def test_a_context_that_says_nothing_limits_nothing(header: str) -> None:
    assert seconds_left({}, {"x-amzn-lambda-context": header}) == float("inf")


def test_a_cold_start_does_not_import_what_only_typed_parameters_need() -> None:
    paths = os.pathsep.join(path for path in sys.path if path)
    listing = "import sys, proxy.api; print('pydantic.v1' in sys.modules, 'botocore' in sys.modules)"
    command = [sys.executable, "-c", listing]
    found = subprocess.run(command, env={"PYTHONPATH": paths}, capture_output=True, check=True)  # noqa: S603
    assert found.stdout.split() == [b"False", b"False"]
