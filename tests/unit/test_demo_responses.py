"""The demo provider's Responses API."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.demo_client import Json, demo_client, events, last_row

HELLO = {"model": "gpt-4o-mini", "input": "hello there"}
NO_PLACE = {"image_in": 1}
EVERY_CLASS = {"input": 10, "cache_read": 20, "cache_write_5m": 30, "output": 4, "reasoning": 5}


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with demo_client() as client:
        yield client


async def ask(client: httpx2.AsyncClient, **fields: Any) -> httpx2.Response:
    return await client.post("/responses", json={**HELLO, **fields})


def text_of(response: Json) -> str:
    parts = [part for item in response["output"] if item["type"] == "message" for part in item["content"]]
    return "".join(part["text"] for part in parts)


async def test_streamed_and_whole_are_the_same(client: httpx2.AsyncClient) -> None:
    whole = (await ask(client)).json()
    seen = events(await ask(client, stream=True))
    final = seen[-1]["response"]
    assert (final["usage"], text_of(final)) == (whole["usage"], text_of(whole))
    assert text_of(whole) == "".join(e["delta"] for e in seen if e["type"] == "response.output_text.delta")
    assert (await last_row(client))["usage"] == {"input": 6, "output": whole["usage"]["output_tokens"]}


async def test_a_stream_has_all_its_events_in_order(client: httpx2.AsyncClient) -> None:
    seen = events(await ask(client, stream=True, demo={"chunks": 1}))
    assert [each["type"].removeprefix("response.") for each in seen] == [
        *("created", "in_progress", "output_item.added", "content_part.added", "output_text.delta"),
        *("output_text.done", "content_part.done", "output_item.done", "completed"),
    ]
    assert [each["sequence_number"] for each in seen] == list(range(9))
    assert seen[0]["response"]["usage"] is None
    assert seen[2]["item"]["status"] == "in_progress"


async def test_every_class_finds_its_place(client: httpx2.AsyncClient) -> None:
    usage = (await ask(client, demo={"usage": EVERY_CLASS})).json()["usage"]
    assert usage == {
        "input_tokens": 60,
        "input_tokens_details": {"cached_tokens": 20, "cache_write_tokens": 30},
        "output_tokens": 9,
        "output_tokens_details": {"reasoning_tokens": 5},
        "total_tokens": 69,
    }
    assert (await ask(client, demo={"usage": NO_PLACE})).status_code == 400


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("fields", "status"),
    [({"max_output_tokens": 3}, "incomplete"), ({"demo": {"fault": "failed"}}, "failed")],
)
async def test_other_ends_are_charged_for(
    client: httpx2.AsyncClient, fields: Json, status: str, *, stream: bool
) -> None:
    answer = await ask(client, stream=stream, **fields)
    last = events(answer)[-1] if stream else {}
    response = last.get("response") or answer.json()
    assert last.get("type", f"response.{status}") == f"response.{status}"
    assert (response["status"], response["error"] is None) == (status, status != "failed")
    row = await last_row(client)
    assert row["reported"]
    assert row["usage"]["output"] == response["usage"]["output_tokens"]


@pytest.mark.parametrize("stream", [True, False])
async def test_searches_are_in_the_output(client: httpx2.AsyncClient, *, stream: bool) -> None:
    tools = [{"type": "web_search_preview"}, {"type": "file_search"}]
    answer = await ask(client, input="search the web twice: search the web", tools=tools, stream=stream)
    response = events(answer)[-1]["response"] if stream else answer.json()
    kinds = [item["type"] for item in response["output"]]
    assert kinds == ["web_search_call"] * 2 + ["file_search_call"] * 2 + ["message"]
    usage = (await last_row(client))["usage"]
    assert (usage["web_searches"], usage["file_searches"]) == (2, 2)


async def test_thought_comes_before_the_text(client: httpx2.AsyncClient) -> None:
    response = (await ask(client, model="gpt-5")).json()
    assert [item["type"] for item in response["output"]] == ["reasoning", "message"]
    assert response["usage"]["output_tokens_details"]["reasoning_tokens"] % 64 == 0


@pytest.mark.parametrize("stream", [True, False])
async def test_no_usage(client: httpx2.AsyncClient, *, stream: bool) -> None:
    answer = await ask(client, stream=stream, demo={"fault": "no_usage"})
    assert '"input_tokens"' not in answer.text
    assert not (await last_row(client))["reported"]


async def test_usage_twice(client: httpx2.AsyncClient) -> None:
    seen = events(await ask(client, stream=True, demo={"fault": "duplicate_usage"}))
    assert [each["type"] for each in seen[-2:]] == ["response.completed"] * 2


async def test_what_is_stored_can_be_read_and_deleted(client: httpx2.AsyncClient) -> None:
    made = (await ask(client)).json()
    kept = f"/responses/{made['id']}"
    assert (await client.get(kept)).json() == made
    assert (await client.post(f"{kept}/cancel")).status_code == 400
    assert (await client.delete(kept)).json() == {"id": made["id"], "object": "response", "deleted": True}
    assert (await client.get(kept)).status_code == 404
    unkept = (await ask(client, store=False)).json()
    assert (await client.get(f"/responses/{unkept['id']}")).status_code == 404
    assert (await client.get(kept, headers={"authorization": ""})).status_code == 401


async def test_in_the_background(client: httpx2.AsyncClient) -> None:
    first, second = [(await ask(client, background=True)).json() for _ in range(2)]
    assert (first["status"], first["usage"], first["output"]) == ("queued", None, [])
    assert not (await last_row(client))["reported"]
    assert (await client.get(f"/responses/{first['id']}")).json()["status"] == "completed"
    assert (await client.post(f"/responses/{second['id']}/cancel")).json()["status"] == "cancelled"
    assert (await client.get(f"/responses/{second['id']}")).json()["status"] == "cancelled"


async def test_a_conversation_goes_on(client: httpx2.AsyncClient) -> None:
    first = (await ask(client)).json()
    second = (await ask(client, input="and then?", previous_response_id=first["id"])).json()
    assert second["usage"]["input_tokens"] > first["usage"]["total_tokens"]
    lost = await ask(client, previous_response_id="resp_nowhere")
    assert (lost.status_code, lost.json()["error"]["param"]) == (400, "previous_response_id")


@pytest.mark.parametrize(
    ("fields", "param"),
    [({"model": None}, "model"), ({"input": 7}, "input"), ({"max_output_tokens": "x"}, "max_output_tokens")],
)
async def test_it_blames_the_parameter(client: httpx2.AsyncClient, fields: Json, param: str) -> None:
    refused = await ask(client, **fields)
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)
