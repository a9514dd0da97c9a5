"""The yardstick, measured: the demo provider's usage, shapes, truth and faults."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from local.demo.app import create_app
from local.demo.faults import FAULTS, Faults
from local.demo.words import tokens

Json = dict[str, Any]

KEYS = {
    "authorization": "Bearer sk-demo",
    "anthropic-version": "2023-06-01",
    "x-client-request-id": "call-1",
}
HELLO = [{"role": "user", "content": "hello there, how are you?"}]
CHAT = {"model": "gpt-4o", "messages": HELLO}
STREAMED = {**CHAT, "stream": True, "stream_options": {"include_usage": True}}
MESSAGE = {"model": "claude-sonnet-5", "max_tokens": 1000, "messages": HELLO}
EVERY_OPENAI_CLASS = {
    "input": 100,
    "cache_read": 50,
    "cache_write_5m": 30,
    "audio_in": 20,
    "image_in": 10,
    "output": 7,
    "reasoning": 5,
    "audio_out": 3,
}


@pytest.fixture
def app() -> FastAPI:
    return create_app()


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://demo", headers=KEYS) as client:
        yield client


async def chat(client: httpx2.AsyncClient, **fields: Any) -> httpx2.Response:
    return await client.post("/v1/chat/completions", json={**CHAT, **fields})


async def messages(client: httpx2.AsyncClient, **fields: Any) -> httpx2.Response:
    return await client.post("/v1/messages", json={**MESSAGE, **fields})


async def truth(client: httpx2.AsyncClient) -> list[Json]:
    calls: list[Json] = (await client.get("/truth")).json()["calls"]
    return calls


def chunks(response: httpx2.Response) -> list[Json]:
    """The JSON of each event; OpenAI's closing [DONE] is checked and left out."""
    data = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
    if "chat" in response.url.path:
        assert data.pop() == "[DONE]"
    return [json.loads(each) for each in data]


async def test_usage_depends_on_the_question_alone(client: httpx2.AsyncClient) -> None:
    whole = (await chat(client)).json()
    streamed = chunks(await client.post("/v1/chat/completions", json=STREAMED))
    assert whole["usage"] == streamed[-1]["usage"]
    text = "".join(each["choices"][0]["delta"].get("content", "") for each in streamed[:-1])
    assert whole["choices"][0]["message"]["content"] == text
    assert whole["usage"]["prompt_tokens"] == 7 + 3
    assert 5 <= whole["usage"]["completion_tokens"] == len(text.split()) <= 40
    other = (await chat(client, messages=[{"role": "user", "content": "goodbye, whoever you are"}])).json()
    assert other["choices"] != whole["choices"]


async def test_long_prompts_are_read_from_the_cache(client: httpx2.AsyncClient) -> None:
    for size, cached in ((1023, 0), (1024, 1024), (2300, 2176)):
        prompt = [{"role": "user", "content": [{"type": "text", "text": "x" * 4 * (size - 3)}]}]
        usage = (await chat(client, messages=prompt)).json()["usage"]
        assert (usage["prompt_tokens"], usage["prompt_tokens_details"]["cached_tokens"]) == (size, cached)


async def test_a_limit_cuts_the_answer_and_thought_comes_first(client: httpx2.AsyncClient) -> None:
    short = (await chat(client, max_tokens=3)).json()
    assert short["choices"][0]["finish_reason"] == "length"
    assert short["usage"]["completion_tokens"] == 3
    thinking = (await chat(client, model="gpt-5-mini", max_completion_tokens=10)).json()
    assert thinking["choices"][0]["message"]["content"] == ""
    assert thinking["usage"]["completion_tokens_details"]["reasoning_tokens"] == 10
    assert (await truth(client))[-1]["usage"] == {"input": 10, "reasoning": 10}
    message = (await messages(client, max_tokens=2)).json()
    assert (message["stop_reason"], message["usage"]["output_tokens"]) == ("max_tokens", 2)


async def test_a_completion_is_whole(client: httpx2.AsyncClient) -> None:
    response = await chat(client)
    completion = response.json()
    top = {"id", "object", "created", "model", "choices", "usage", "service_tier", "system_fingerprint"}
    assert set(completion) == top
    assert completion["id"].startswith("chatcmpl-")
    choice = completion["choices"][0]
    assert (choice["index"], choice["finish_reason"], choice["logprobs"]) == (0, "stop", None)
    assert set(choice["message"]) == {"role", "content", "refusal", "annotations"}
    assert response.headers["x-request-id"]
    assert response.headers["openai-processing-ms"]
    assert b'": ' not in response.content


async def test_a_stream_of_chunks(client: httpx2.AsyncClient) -> None:
    response = await client.post("/v1/chat/completions", json={**STREAMED, "demo": {"chunks": 2}})
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    role, first, second, finish, usage = chunks(response)
    assert role["choices"][0]["delta"]["role"] == "assistant"
    assert first["choices"][0]["delta"].keys() == second["choices"][0]["delta"].keys() == {"content"}
    assert (finish["choices"][0]["delta"], finish["choices"][0]["finish_reason"]) == ({}, "stop")
    assert usage["choices"] == []
    assert all(each["usage"] is None for each in (role, first, second, finish))
    assert len({each["id"] for each in (role, first, second, finish, usage)}) == 1


async def test_a_stream_has_no_usage_unless_asked(client: httpx2.AsyncClient) -> None:
    assert not any("usage" in each for each in chunks(await chat(client, stream=True)))
    row = (await truth(client))[-1]
    assert (row["ending"], row["reported"], bool(row["usage"])) == ("finished", False, True)


async def test_every_class_finds_its_place_at_openai(client: httpx2.AsyncClient) -> None:
    usage = (await chat(client, demo={"usage": EVERY_OPENAI_CLASS})).json()["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (210, 15, 225)
    assert usage["prompt_tokens_details"] == {
        "cached_tokens": 50,
        "audio_tokens": 20,
        "cache_write_tokens": 30,
        "image_tokens": 10,
    }
    assert usage["completion_tokens_details"]["reasoning_tokens"] == 5
    assert usage["completion_tokens_details"]["audio_tokens"] == 3
    assert (await truth(client))[-1]["usage"] == EVERY_OPENAI_CLASS


async def test_every_class_finds_its_place_at_anthropic(client: httpx2.AsyncClient) -> None:
    counts = {"input": 1, "cache_read": 20, "cache_write_5m": 300, "cache_write_1h": 4000, "output": 5}
    usage = (await messages(client, demo={"usage": {**counts, "reasoning": 6}})).json()["usage"]
    assert usage == {
        "input_tokens": 1,
        "cache_creation_input_tokens": 4300,
        "cache_read_input_tokens": 20,
        "cache_creation": {"ephemeral_5m_input_tokens": 300, "ephemeral_1h_input_tokens": 4000},
        "output_tokens": 11,
        "output_tokens_details": {"thinking_tokens": 6},
        "service_tier": "standard",
    }


async def test_a_message_streams_in_events(client: httpx2.AsyncClient) -> None:
    events = chunks(await messages(client, stream=True, demo={"chunks": 1}))
    assert [each["type"] for each in events] == [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    whole = (await messages(client)).json()
    assert events[0]["message"]["usage"] == {**whole["usage"], "output_tokens": 1}
    assert events[5]["usage"]["output_tokens"] == whole["usage"]["output_tokens"]
    assert events[5]["delta"]["stop_reason"] == whole["stop_reason"] == "end_turn"


@pytest.mark.parametrize(("ttl", "lifetime"), [({}, "cache_write_5m"), ({"ttl": "1h"}, "cache_write_1h")])
async def test_a_marked_prompt_is_cached_for_as_long_as_it_says(
    client: httpx2.AsyncClient, ttl: Json, lifetime: str
) -> None:
    marked = {"type": "text", "text": "s" * 8000, "cache_control": {"type": "ephemeral", **ttl}}
    await messages(client, system=[marked], demo={"fault": None})
    usage = (await truth(client))[-1]["usage"]
    assert (usage["cache_read"], usage[lifetime]) == (896, 384)
    assert usage["input"] == 2003 + 10 - 896 - 384


async def test_embeddings(client: httpx2.AsyncClient) -> None:
    body = {"model": "text-embedding-3-small", "input": ["hello", [1, 2, 3]], "dimensions": 4}
    answer = (await client.post("/v1/embeddings", json=body)).json()
    assert answer["usage"] == {"prompt_tokens": 5, "total_tokens": 5}
    for place, each in enumerate(answer["data"]):
        assert (each["index"], len(each["embedding"])) == (place, 4)
        assert sum(number * number for number in each["embedding"]) == pytest.approx(1)
    encoded = await client.post("/v1/embeddings", json={**body, "encoding_format": "base64"})
    assert len(encoded.json()["data"][0]["embedding"]) == 24


async def test_what_spends_nothing(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/health")).status_code == 200
    assert (await client.head("/v1/messages")).status_code == 200
    assert (await client.get("/v1/models")).json()["data"][0]["id"].startswith("claude")
    del client.headers["anthropic-version"]
    assert (await client.get("/v1/models")).json()["object"] == "list"
    assert await truth(client) == []


async def test_counting_tokens_is_recorded_with_no_usage(client: httpx2.AsyncClient) -> None:
    body = {"model": "claude-sonnet-5", "messages": HELLO, "system": "Be brief"}
    counted = await client.post("/v1/messages/count_tokens", json=body)
    assert counted.json() == {"input_tokens": 10 + 5}
    row = (await truth(client))[0]
    assert (row["endpoint"], row["usage"]) == ("/messages/count_tokens", {})


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": None}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"model": None}, "model"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"demo": {"bogus": 1}}, "demo"),
        ({"demo": {"chunks": -1}}, "demo"),
        ({"demo": {"fault": "earthquake"}}, "demo.fault"),
        ({"demo": {"fault": "cut_stream"}}, "demo.fault"),
        ({"demo": {"usage": {"image_out": 1}}}, "demo.usage"),
    ],
)
async def test_openai_blames_the_parameter(client: httpx2.AsyncClient, fields: Json, param: str) -> None:
    response = await chat(client, **fields)
    error = response.json()["error"]
    assert (response.status_code, error["type"], error["param"]) == (400, "invalid_request_error", param)
    assert error.keys() == {"message", "type", "param", "code"}
    row = (await truth(client))[0]
    assert (row["ending"], row["usage"], row["reported"]) == ("refused", {}, False)


async def test_anthropic_blames_in_its_own_envelope(client: httpx2.AsyncClient) -> None:
    response = await messages(client, max_tokens=None)
    assert response.status_code == 400
    assert response.json()["type"] == "error"
    assert response.json()["error"]["type"] == "invalid_request_error"
    assert response.json()["error"]["message"].startswith("max_tokens")


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
async def test_no_key_no_answer(client: httpx2.AsyncClient, path: str) -> None:
    for header in ("", "Bearer "):
        assert (await client.post(path, json=CHAT, headers={"authorization": header})).status_code == 401
    for body in (b"{", b"[]", b'{"\xff": 1}'):
        assert (await client.post(path, content=body)).status_code == 400


async def test_the_truth_names_each_attempt_in_order(client: httpx2.AsyncClient) -> None:
    answer = await chat(client)
    await client.post("/v1/messages", json=MESSAGE, headers={"x-client-request-id": "call-2"})
    first, second = await truth(client)
    assert first == {
        "call_id": "call-1",
        "endpoint": "/chat/completions",
        "model": "gpt-4o",
        "stream": False,
        "ending": "finished",
        "reported": True,
        "usage": {"input": 10, "output": answer.json()["usage"]["completion_tokens"]},
    }
    assert (second["call_id"], second["endpoint"]) == ("call-2", "/messages")
    await client.delete("/truth")
    assert await truth(client) == []


async def test_an_attempt_is_recorded_before_its_body_is_read(
    app: FastAPI, client: httpx2.AsyncClient
) -> None:
    body = asyncio.get_running_loop().create_future()
    attempt = asyncio.ensure_future(app(scope("/v1/messages"), lambda: body, no_send))
    await asyncio.sleep(0)
    assert [(row["call_id"], row["ending"]) for row in await truth(client)] == [("call-1", "started")]
    body.set_result({"type": "http.disconnect"})
    await attempt
    assert [row["ending"] for row in await truth(client)] == ["client_gone"]


@pytest.mark.parametrize(
    ("fault", "status"),
    [("error_500", 500), ("error_429", 429), ("error_400", 400), ("error_with_usage", 500)],
)
async def test_errors(client: httpx2.AsyncClient, fault: str, status: int) -> None:
    response = await chat(client, demo={"fault": fault, "usage": {"input": 9}})
    assert response.status_code == status
    assert ("retry-after" in response.headers) == (status == 429)
    billed = fault == "error_with_usage"
    assert ("usage" in response.json()) == billed
    row = (await truth(client))[0]
    assert (row["ending"], row["reported"]) == (fault, billed)
    assert row["usage"] == ({"input": 9} if billed else {})


async def test_nonsense_is_billed_but_not_reported(client: httpx2.AsyncClient) -> None:
    response = await chat(client, demo={"fault": "nonsense", "usage": {"input": 9}})
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        response.json()
    row = (await truth(client))[0]
    assert (row["ending"], row["reported"], row["usage"]) == ("nonsense", False, {"input": 9})


@pytest.mark.parametrize("stream", [True, False])
async def test_no_usage(client: httpx2.AsyncClient, *, stream: bool) -> None:
    demo = {"fault": "no_usage"}
    completion = await client.post("/v1/chat/completions", json={**STREAMED, "demo": demo})
    assert not any(each["usage"] for each in chunks(completion))
    assert "_tokens" not in (await messages(client, stream=stream, demo=demo)).text
    assert [row["reported"] for row in await truth(client)] == [False, False]


async def test_usage_in_the_wrong_places(client: httpx2.AsyncClient) -> None:
    twice = chunks(await chat(client, **{**STREAMED, "demo": {"fault": "duplicate_usage"}}))
    assert twice[-1] == twice[-2]
    early = chunks(await chat(client, **{**STREAMED, "demo": {"fault": "usage_in_last_choice"}}))
    assert early[-1]["choices"][0]["finish_reason"] == "stop"
    assert early[-1]["usage"] == twice[-1]["usage"]
    events = chunks(await messages(client, stream=True, demo={"fault": "duplicate_usage"}))
    assert [each["type"] for each in events][-3:] == ["message_delta", "message_delta", "message_stop"]
    assert all(row["reported"] for row in await truth(client))


def scope(path: str) -> Json:
    headers = [(name.encode(), value.encode()) for name, value in KEYS.items()]
    return {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b""}


async def no_send(_message: Any) -> None:
    pass


async def exchange(app: FastAPI, path: str, body: Json, *, patience: int = 1000) -> list[Json]:
    """What a server was told to send, when the client hangs up after so many messages."""
    sent: list[Json] = []
    asked = False
    enough = asyncio.Event()
    if not patience:
        enough.set()

    async def receive() -> Json:
        nonlocal asked
        if asked:
            await enough.wait()
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) >= patience:
            enough.set()

    await app(scope(path), receive, send)
    return sent


@pytest.mark.parametrize(
    ("path", "body", "fault"),
    [
        ("/v1/chat/completions", STREAMED, "cut_stream"),
        ("/v1/chat/completions", CHAT, "cut_body"),
        ("/v1/messages", {**MESSAGE, "stream": True}, "cut_stream"),
        ("/v1/messages", MESSAGE, "cut_body"),
    ],
)
async def test_a_cut_answer_is_billed_whole(
    app: FastAPI, client: httpx2.AsyncClient, path: str, body: Json, fault: str
) -> None:
    sent = await exchange(app, path, {**body, "demo": {"fault": fault}})
    assert len(sent) >= 2
    assert all(message["more_body"] for message in sent[1:])  # never completed, so the server cuts it
    await client.post(path, json=body)
    cut, whole = await truth(client)
    assert (cut["ending"], cut["reported"], cut["usage"]) == (fault, False, whole["usage"])
    assert whole["reported"]


async def test_a_hang_up_sends_nothing_a_server_would_pass_on(
    app: FastAPI, client: httpx2.AsyncClient
) -> None:
    sent = await exchange(app, "/v1/chat/completions", {**CHAT, "demo": {"fault": "hang_up"}})
    assert [message["headers"] for message in sent] == [[(b"\0", b"")]]
    row = (await truth(client))[0]
    assert (row["ending"], row["usage"]) == ("hang_up", {})


@pytest.mark.parametrize("pause", [0, 0.001])
async def test_a_client_that_leaves_a_stream(app: FastAPI, client: httpx2.AsyncClient, pause: float) -> None:
    body = {**STREAMED, "demo": {"chunks": 500, "usage": {"output": 500}, "slow_chunk_s": pause}}
    sent = await exchange(app, "/v1/chat/completions", body, patience=5)
    assert 5 <= len(sent) < 10
    row = (await truth(client))[0]
    assert (row["ending"], row["reported"], row["usage"]) == ("client_gone", False, {"output": 500})


async def test_a_client_that_does_not_wait_for_the_first_byte(
    app: FastAPI, client: httpx2.AsyncClient
) -> None:
    body = {**CHAT, "demo": {"slow_first_byte_s": 60, "usage": {"input": 9}}}
    assert await exchange(app, "/v1/chat/completions", body, patience=0) == []
    row = (await truth(client))[0]
    assert (row["ending"], row["reported"], row["usage"]) == ("client_gone", False, {"input": 9})


async def test_faults_are_replaced_whole(client: httpx2.AsyncClient) -> None:
    await client.post("/faults", json={"error_500": 1, "slow_chunk_s": 0.5})
    assert (await chat(client)).status_code == 500
    assert (await chat(client, demo={"fault": None})).status_code == 200
    shown = (await client.post("/faults", json={"error_400": 1})).json()
    assert (shown["error_500"], shown["error_400"], shown["slow_chunk_s"]) == (0, 1, 0)
    assert (await client.get("/faults")).json() == shown
    assert (await chat(client)).status_code == 400
    await client.post("/faults", json={})
    assert (await chat(client)).status_code == 200


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"earthquake": 1}, "earthquake"),
        ({"error_500": 1.5}, "error_500"),
        ({"cut_stream": "often"}, "cut_stream"),
        ({"slow_chunk_s": -1}, "slow_chunk_s"),
        ({"error_500": 0.6, "error_429": 0.6}, "more than 1"),
        ([], "object"),
    ],
)
async def test_bad_faults_are_named_and_change_nothing(
    client: httpx2.AsyncClient, values: Any, named: str
) -> None:
    before = (await client.post("/faults", json={"no_usage": 0.5})).json()
    response = await client.post("/faults", json=values)
    assert response.status_code == 400
    assert named in response.json()["error"]["message"]
    assert (await client.get("/faults")).json() == before


async def test_faults_that_cannot_happen_do_not(client: httpx2.AsyncClient) -> None:
    await client.post("/faults", json={"cut_stream": 1})
    assert (await chat(client)).status_code == 200
    await client.post("/faults", json={"usage_in_last_choice": 1})
    await messages(client, stream=True)
    assert [row["ending"] for row in await truth(client)] == ["finished", "finished"]


def rolls(count: int, **values: float) -> list[str]:
    faults = Faults()
    faults.replace(values)
    return [faults.roll().falls_on(frozenset()) for _ in range(count)]


def test_the_seed_decides_the_faults() -> None:
    assert rolls(100, error_500=0.5, seed=1) == rolls(100, error_500=0.5, seed=1)
    assert rolls(100, error_500=0.5, seed=1) != rolls(100, error_500=0.5, seed=2)


def test_faults_happen_as_often_as_asked() -> None:
    counted = Counter(rolls(20_000, error_500=0.1, cut_stream=0.3, no_usage=0.05))
    for fault, rate in (("error_500", 0.1), ("cut_stream", 0.3), ("no_usage", 0.05), ("", 0.55)):
        assert counted[fault] / 20_000 == pytest.approx(rate, abs=0.02)
    assert set(rolls(1000, hang_up=1)) == {"hang_up"}
    assert set(rolls(1000)) == {""}
    assert len(FAULTS) == 12


def test_an_answers_words_are_as_many_as_asked() -> None:
    assert tokens(7, 0) == []
    assert len("".join(tokens(7, 40)).split()) == 40
