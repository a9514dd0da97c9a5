"""Open WebUI's connection: an OpenAI base URL, and its own headers that name the user.

What it sends with `ENABLE_FORWARD_USER_INFO_HEADERS=True`: https://docs.openwebui.com/getting-started/env-configuration
"""

from collections.abc import Iterator

import httpx2
import pytest

from tests.clients.books import assert_told
from tests.clients.stack import KEY, Stack

USER = {
    "X-OpenWebUI-User-Name": "J%C3%BCrgen",
    "X-OpenWebUI-User-Id": "6d2f0a3e-0000-4000-8000-000000000001",
    "X-OpenWebUI-User-Email": "juergen@example.com",
    "X-OpenWebUI-User-Role": "user",
    "X-OpenWebUI-Chat-Id": "4b1c9f52-0000-4000-8000-000000000002",
}
CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture
def client(stack: Stack) -> Iterator[httpx2.Client]:
    key = {"Authorization": f"Bearer {KEY}"}
    with httpx2.Client(base_url=f"{stack.url}/v1", headers=key | USER, timeout=20) as client:
        yield client


def test_it_lists_the_models_first(stack: Stack, client: httpx2.Client) -> None:
    listed = client.get("/models").json()
    assert listed["object"] == "list"
    assert "gpt-4o-mini" in {model["id"] for model in listed["data"]}


@pytest.mark.parametrize("stream", [True, False])
def test_the_users_address_is_the_customer(stack: Stack, client: httpx2.Client, *, stream: bool) -> None:
    asked = {**CHAT, "stream": stream, **({"stream_options": {"include_usage": True}} if stream else {})}
    answer = client.post("/chat/completions", json=asked)
    answer.raise_for_status()
    (row,) = assert_told(stack, calls=1)
    assert row.customer == answer.headers["x-litellm-customer-id"] == "juergen@example.com"
    if stream:
        assert answer.text.endswith("data: [DONE]\n\n")


def test_its_background_tasks_are_the_users_as_well(stack: Stack, client: httpx2.Client) -> None:
    task = [{"role": "user", "content": "### Task: generate a concise title as JSON"}]
    for number in range(3):  # title, tags, follow-ups
        asked = {**CHAT, "messages": task, "max_completion_tokens": 1000 + number, "stream": False}
        client.post("/chat/completions", json=asked).raise_for_status()
    assert {row.customer for row in assert_told(stack, calls=3)} == {"juergen@example.com"}


def test_a_document_is_embedded_for_the_user(stack: Stack, client: httpx2.Client) -> None:
    client.post("/embeddings", json={"model": "text-embedding-3-small", "input": ["one", "two"]})
    (row,) = assert_told(stack, calls=1)
    assert row.customer == "juergen@example.com"


def test_a_header_of_its_own_goes_first(stack: Stack, client: httpx2.Client) -> None:
    client.post("/chat/completions", json={**CHAT, "user": "body"}, headers={"x-litellm-customer-id": "own"})
    client.post("/chat/completions", json={**CHAT, "user": "body"})
    assert [row.customer for row in assert_told(stack, calls=2)] == ["own", "juergen@example.com"]
