"""A client of a demo provider in this process, and what its streams and its truth amount to."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx2

from local.demo.app import create_app

Json = dict[str, Any]

KEYS: Final = {
    "authorization": "Bearer sk-demo",
    "anthropic-version": "2023-06-01",
    "x-client-request-id": "call-1",
}


@asynccontextmanager
async def demo_client() -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a provider with an empty truth and no faults."""
    transport = httpx2.ASGITransport(app=create_app())
    async with httpx2.AsyncClient(transport=transport, base_url="http://demo/v1", headers=KEYS) as client:
        yield client


async def last_row(client: httpx2.AsyncClient) -> Json:
    """What the truth says of the last call."""
    row: Json = (await client.get("http://demo/truth")).json()["calls"][-1]
    return row


def events(response: httpx2.Response) -> list[Json]:
    """The events of a stream; OpenAI's closing [DONE] is left out."""
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    data = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
    return [json.loads(each) for each in data if each != "[DONE]"]
