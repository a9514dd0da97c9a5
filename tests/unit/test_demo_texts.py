"""The demo provider's text completions, moderation, reranking, thought, and single models."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.demo_client import demo_client, events, last_row

ONCE = {"model": "gpt-3.5-turbo-instruct", "prompt": "once upon a time", "max_tokens": 60}


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with demo_client() as client:
        yield client


async def complete(client: httpx2.AsyncClient, **fields: Any) -> httpx2.Response:
    return await client.post("/completions", json={**ONCE, **fields})


async def test_a_text_completion(client: httpx2.AsyncClient) -> None:
    whole = (await complete(client)).json()
    streamed = events(await complete(client, stream=True, stream_options={"include_usage": True}))
    assert whole["object"] == "text_completion"
    assert whole["choices"][0]["text"] == "".join(each["choices"][0]["text"] for each in streamed[:-1])
    assert streamed[-1]["choices"] == []
    assert whole["usage"] == streamed[-1]["usage"]
    assert (await last_row(client))["usage"] == {"input": 4, "output": whole["usage"]["completion_tokens"]}


async def test_sixteen_tokens_are_enough_for_most(client: httpx2.AsyncClient) -> None:
    short = (await complete(client, max_tokens=None, prompt=[0, 1, 2])).json()
    assert (short["choices"][0]["finish_reason"], short["usage"]["completion_tokens"]) == ("length", 16)
    assert short["usage"]["prompt_tokens"] == 3


async def test_its_usage_in_the_wrong_places(client: httpx2.AsyncClient) -> None:
    asking = {"stream": True, "stream_options": {"include_usage": True}}
    early = events(await complete(client, **asking, demo={"fault": "usage_in_last_choice"}))
    assert early[-1]["usage"]
    assert early[-1]["choices"][0]["finish_reason"]
    twice = events(await complete(client, **asking, demo={"fault": "duplicate_usage"}))
    assert twice[-1] == twice[-2]
    unasked = events(await complete(client, stream=True))
    assert not any("usage" in each for each in unasked)


async def test_several_prompts_are_refused(client: httpx2.AsyncClient) -> None:
    refused = await complete(client, prompt=["one", "two"])
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "prompt")


async def test_moderation_spends_nothing(client: httpx2.AsyncClient) -> None:
    judged = (await client.post("/moderations", json={"input": ["one", "two"]})).json()
    assert [each["flagged"] for each in judged["results"]] == [False, False]
    row = await last_row(client)
    assert (row["model"], row["usage"]) == ("omni-moderation-latest", {})


async def test_reranking_is_sold_by_the_hundred(client: httpx2.AsyncClient) -> None:
    body = {
        "model": "rerank-v3.5",
        "query": "mills",
        "documents": [f"number {n}" for n in range(101)],
        "top_n": 3,
    }
    ranked = (await client.post("/rerank", json=body)).json()
    scores = [each["relevance_score"] for each in ranked["results"]]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert ranked["meta"]["billed_units"] == {"search_units": 2}
    row = await last_row(client)
    assert (row["usage"], row["reported"]) == ({"rerank_searches": 2}, True)
    silent = await client.post("/rerank", json={**body, "demo": {"fault": "no_usage"}})
    assert "billed_units" not in silent.text
    assert not (await last_row(client))["reported"]


async def test_thought_is_a_block_of_its_own(client: httpx2.AsyncClient) -> None:
    body = {
        "model": "claude-opus-5",
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": "hello"}],
        "thinking": {"type": "enabled", "budget_tokens": 500},
    }
    message = (await client.post("/messages", json=body)).json()
    assert [block["type"] for block in message["content"]] == ["thinking", "text"]
    thought = message["usage"]["output_tokens_details"]["thinking_tokens"]
    usage = (await last_row(client))["usage"]
    assert (usage["reasoning"], usage["output"]) == (thought, message["usage"]["output_tokens"] - thought)


async def test_one_model(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/models/claude-opus-5")).json()["type"] == "model"
    del client.headers["anthropic-version"]
    assert (await client.get("/models/org/any-name")).json()["id"] == "org/any-name"
