"""Tools that a script can predict, on the three APIs that have them."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from local.demo.endpoint import ToolCall
from local.demo.tools import RESULT, next_call
from tests.demo_client import Json, demo_client, events, last_row

SCHEMA = {
    "type": "object",
    "properties": {"place": {"type": "string"}, "days": {"type": "integer"}, "unit": {"enum": ["K", "C"]}},
    "required": ["place", "days", "unit"],
}
ULM = 'call weather with {"place": "Ulm"}'
BONN = 'call weather with {"place": "Bonn"}'
CHAT_TOOL = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
CLAUDE_TOOL = {"name": "weather", "input_schema": SCHEMA}
FLAT_TOOL = {"type": "function", "name": "weather", "parameters": SCHEMA}


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with demo_client() as client:
        yield client


async def chat(client: httpx2.AsyncClient, text: str = ULM, **fields: Any) -> httpx2.Response:
    said = [{"role": "user", "content": text}]
    body = {"model": "gpt-4o", "messages": said, "tools": [CHAT_TOOL], **fields}
    return await client.post("/chat/completions", json=body)


async def message(client: httpx2.AsyncClient, text: str = ULM, **fields: Any) -> httpx2.Response:
    said = [{"role": "user", "content": [{"type": "text", "text": text}]}]
    body = {"model": "claude-opus-5", "max_tokens": 100, "messages": said, "tools": [CLAUDE_TOOL], **fields}
    return await client.post("/messages", json=body)


def turn(*turns: str | None) -> Json | None:
    called = next_call(turns, {"weather": SCHEMA}, None)
    return called.arguments if called else None


def test_each_call_waits_for_the_result_of_the_one_before() -> None:
    both = f"{ULM}, then {BONN}"
    assert turn(both) == {"place": "Ulm"}
    assert turn(both, RESULT) == {"place": "Bonn"}
    assert turn(both, RESULT, RESULT) is None
    assert turn(both, RESULT, "thank you") == {"place": "Bonn"}
    assert turn(both, RESULT, RESULT, ULM) == {"place": "Ulm"}
    assert turn(RESULT, ULM) == {"place": "Ulm"}


def test_what_is_no_direction_is_none() -> None:
    assert turn("hello") is None
    assert turn('call snow with {"place": "Ulm"}') is None
    assert turn('call weather with {"place": ') is None
    assert next_call([ULM], {}, "") is None


def test_a_call_that_must_be_made_has_the_arguments_that_are_required() -> None:
    forced = next_call(["hello"], {"weather": SCHEMA}, "")
    assert forced == ToolCall("weather", {"place": "demo", "days": 1, "unit": "K"})
    assert next_call(["hello"], {"a": {}, "weather": {}}, "weather") == ToolCall("weather", {})


async def test_a_chat_calls_a_tool(client: httpx2.AsyncClient) -> None:
    (choice,) = (await chat(client)).json()["choices"]
    assert (choice["finish_reason"], choice["message"]["content"]) == ("tool_calls", None)
    assert choice["message"]["tool_calls"][0]["function"] == {
        "name": "weather",
        "arguments": '{"place":"Ulm"}',
    }
    assert (await last_row(client))["usage"]["output"] >= 5


async def test_a_streamed_chat_calls_a_tool(client: httpx2.AsyncClient) -> None:
    chunks = events(await chat(client, stream=True))
    deltas = [chunk["choices"][0]["delta"].get("tool_calls") for chunk in chunks]
    (first, *more) = [delta[0] for delta in deltas if delta]
    assert (first["function"]["name"], first["id"][:5]) == ("weather", "call_")
    assert "".join(each["function"]["arguments"] for each in more) == '{"place":"Ulm"}'
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ("none", False),
        ("auto", True),
        ("required", True),
        ({"type": "function", "function": {"name": "weather"}}, True),
    ],
)
async def test_a_chats_choice(client: httpx2.AsyncClient, choice: Any, *, called: bool) -> None:
    answer = (await chat(client, tool_choice=choice)).json()["choices"][0]["message"]
    assert ("tool_calls" in answer) == called
    undirected = (await chat(client, "hello", tool_choice=choice)).json()["choices"][0]["message"]
    assert ("tool_calls" in undirected) == (called and choice != "auto")


async def test_a_chat_goes_on_after_the_result(client: httpx2.AsyncClient) -> None:
    said = [{"role": "user", "content": ULM}, {"role": "tool", "tool_call_id": "x", "content": "rain"}]
    answer = (await chat(client, messages=said)).json()["choices"][0]
    assert (answer["finish_reason"], "tool_calls" in answer["message"]) == ("stop", False)


async def test_a_limit_leaves_no_room_for_a_call(client: httpx2.AsyncClient) -> None:
    assert (await chat(client, max_tokens=1)).json()["choices"][0]["finish_reason"] == "length"
    assert (await message(client, max_tokens=1)).json()["stop_reason"] == "max_tokens"


async def test_a_message_calls_a_tool(client: httpx2.AsyncClient) -> None:
    answer = (await message(client)).json()
    (block,) = answer["content"]
    assert (answer["stop_reason"], block["type"], block["input"]) == (
        "tool_use",
        "tool_use",
        {"place": "Ulm"},
    )
    result = {"type": "tool_result", "tool_use_id": block["id"], "content": "rain"}
    reminder = {"type": "text", "text": "a reminder of the client's own"}
    said = [{"role": "user", "content": ULM}, {"role": "assistant", "content": answer["content"]}]
    after = (await message(client, messages=[*said, {"role": "user", "content": [result, reminder]}])).json()
    assert [block["type"] for block in after["content"]] == ["text"]


async def test_a_streamed_message_calls_a_tool(client: httpx2.AsyncClient) -> None:
    seen = events(await message(client, stream=True, thinking={"type": "adaptive"}, max_tokens=1000))
    begun = [each["content_block"] for each in seen if each["type"] == "content_block_start"]
    assert [block["type"] for block in begun] == ["thinking", "tool_use"]
    parts = [each["delta"].get("partial_json", "") for each in seen if each["type"] == "content_block_delta"]
    assert json.loads("".join(parts)) == {"place": "Ulm"}
    assert seen[-2]["delta"]["stop_reason"] == "tool_use"


@pytest.mark.parametrize(
    ("choice", "called"),
    [({"type": "none"}, False), ({"type": "any"}, True), ({"type": "tool", "name": "weather"}, True)],
)
async def test_a_messages_choice(client: httpx2.AsyncClient, choice: Json, *, called: bool) -> None:
    answer = (await message(client, "hello", tool_choice=choice)).json()
    assert (answer["stop_reason"] == "tool_use") == called


@pytest.mark.parametrize("stream", [True, False])
async def test_a_message_searches(client: httpx2.AsyncClient, *, stream: bool) -> None:
    tools = [{"type": "web_search_20250305", "name": "web_search"}]
    answer = await message(client, "search the web", tools=tools, stream=stream)
    if stream:
        seen = events(answer)
        kinds = [each["content_block"]["type"] for each in seen if each["type"] == "content_block_start"]
        usage = seen[-2]["usage"]
    else:
        kinds = [block["type"] for block in answer.json()["content"]]
        usage = answer.json()["usage"]
    assert kinds == ["server_tool_use", "web_search_tool_result", "text"]
    assert usage["server_tool_use"] == {"web_search_requests": 1}
    assert (await last_row(client))["usage"]["web_searches"] == 1


async def test_a_response_calls_a_tool(client: httpx2.AsyncClient) -> None:
    body = {"model": "gpt-4o", "input": [{"role": "user", "content": ULM}], "tools": [FLAT_TOOL]}
    (called,) = (await client.post("/responses", json=body)).json()["output"]
    assert (called["type"], called["arguments"]) == ("function_call", '{"place":"Ulm"}')
    result = {"type": "function_call_output", "call_id": called["call_id"], "output": "rain"}
    after = await client.post("/responses", json={**body, "input": [*body["input"], called, result]})
    assert after.json()["output"][0]["type"] == "message"


async def test_a_streamed_response_calls_a_tool(client: httpx2.AsyncClient) -> None:
    body = {"model": "gpt-4o", "input": ULM, "tools": [FLAT_TOOL], "stream": True}
    seen = events(await client.post("/responses", json=body))
    kind = "response.function_call_arguments"
    assert "".join(e["delta"] for e in seen if e["type"] == f"{kind}.delta") == '{"place":"Ulm"}'
    assert [e["arguments"] for e in seen if e["type"] == f"{kind}.done"] == ['{"place":"Ulm"}']
