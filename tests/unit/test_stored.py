"""Stored responses: read, deleted and cancelled at whichever provider has them, and never booked."""

import json
from typing import Any

import httpx2
import pytest

from tests.builders import MASTER_KEY, answers, sse, streams
from tests.calling import KEY, booked, catalogue, read
from tests.fakes import FakeProvider
from tests.stack import Stack
from tollgate.errors import NotFound, StoreUnavailable, Unauthorized, UpstreamUnreachable
from tollgate.models import Models
from tollgate.stored import Asking

STORED = {"id": "resp_1", "object": "response", "status": "completed"}
MISSING = answers({"error": {"message": "Response with id 'resp_1' not found."}}, 404)


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE_KEY", "key-of-one")
    monkeypatch.setenv("AZURE_KEY", "key-of-azure")


def models(*names: str) -> Models:
    providers: dict[str, Any] = {
        "one": {"base_url": "https://one.test/v1", "key": "ONE_KEY"},
        "azure": {
            "api": "azure",
            "base_url": "https://azure.test",
            "api_version": "2025-03-01",
            "key": "AZURE_KEY",
        },
        "keyless": {"base_url": "https://keyless.test/v1", "key": "A_KEY_NOBODY_SET"},
        "claude": {"api": "anthropic", "base_url": "https://claude.test"},
        "unused": {"base_url": "https://unused.test/v1"},
    }
    entries = [{"name": name, "provider": name, "prices": {}} for name in names]
    return catalogue(providers, *entries)


ALL = models("claude", "keyless", "azure", "one")


@pytest.mark.parametrize(
    ("asked", "method", "url"),
    [
        (Asking("GET", "resp_1"), "GET", "https://one.test/v1/responses/resp_1"),
        (
            Asking("GET", "resp_1", query="include=x&stream=false"),
            "GET",
            "https://one.test/v1/responses/resp_1?include=x&stream=false",
        ),
        (Asking("DELETE", "resp_1"), "DELETE", "https://one.test/v1/responses/resp_1"),
        (Asking("POST", "resp_1", "/cancel"), "POST", "https://one.test/v1/responses/resp_1/cancel"),
        (Asking("GET", "resp_1", "/input_items"), "GET", "https://one.test/v1/responses/resp_1/input_items"),
        (Asking("GET", "../files?x#y"), "GET", "https://one.test/v1/responses/..%2Ffiles%3Fx%23y"),
    ],
)
async def test_it_is_asked_for_with_our_key_and_not_booked(
    stack: Stack, asked: Asking, method: str, url: str
) -> None:
    provider = FakeProvider(answers(STORED, x_request_id="req_1"))
    answer = await stack.gateway(provider, models=models("one")).stored_response(asked, KEY)
    (request,) = provider.requests
    assert (request.method, str(request.url)) == (method, url)
    assert request.headers["authorization"] == "Bearer key-of-one"
    assert MASTER_KEY not in str(request.headers)
    assert (answer.status, answer.headers["x-request-id"]) == (200, "req_1")
    assert json.loads(await read(answer)) == STORED
    assert booked(stack) == []


async def test_the_provider_that_has_it_is_found(stack: Stack) -> None:
    provider = FakeProvider(MISSING, answers(STORED))
    answer = await stack.gateway(provider, models=ALL).stored_response(Asking("GET", "resp_1"), KEY)
    first, second = provider.requests
    assert first.url.host == "one.test"
    assert str(second.url) == "https://azure.test/openai/responses/resp_1?api-version=2025-03-01"
    assert second.headers["api-key"] == "key-of-azure"
    assert json.loads(await read(answer)) == STORED


async def test_nobody_else_is_asked_once_it_is_found(stack: Stack) -> None:
    provider = FakeProvider(answers(STORED))
    await read(await stack.gateway(provider, models=ALL).stored_response(Asking("DELETE", "resp_1"), KEY))
    assert [request.url.host for request in provider.requests] == ["one.test"]


async def test_one_that_cannot_be_reached_is_passed_over(stack: Stack) -> None:
    provider = FakeProvider(httpx2.ConnectError("no"), answers(STORED))
    gateway = stack.gateway(provider, models=ALL, upstream_retries=0)
    assert (await gateway.stored_response(Asking("GET", "resp_1"), KEY)).status == 200


async def test_one_whose_key_cannot_be_read_is_passed_over(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_KEY", "secret:nowhere#AZURE_KEY")
    provider = FakeProvider(answers(STORED))
    answer = await stack.gateway(provider, models=ALL).stored_response(Asking("GET", "resp_1"), KEY)
    assert answer.status == 200
    assert [request.url.host for request in provider.requests] == ["one.test"]


async def test_when_no_key_can_be_read_it_says_so(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ONE_KEY", "AZURE_KEY"):
        monkeypatch.setenv(name, "secret:nowhere#key")
    with pytest.raises(StoreUnavailable):
        await stack.gateway(FakeProvider(answers(STORED)), models=ALL).stored_response(
            Asking("GET", "resp_1"), KEY
        )


async def test_what_nobody_has_is_told_as_the_last_provider_tells_it(stack: Stack) -> None:
    answer = await stack.gateway(FakeProvider(MISSING), models=ALL).stored_response(
        Asking("GET", "resp_1"), KEY
    )
    assert answer.status == 404
    assert b"not found" in await read(answer)


async def test_when_nobody_can_be_reached_it_says_so(stack: Stack) -> None:
    gateway = stack.gateway(FakeProvider(httpx2.ConnectError("no")), models=ALL, upstream_retries=0)
    with pytest.raises(UpstreamUnreachable):
        await gateway.stored_response(Asking("GET", "resp_1"), KEY)


async def test_without_a_provider_that_stores_responses_there_are_none(stack: Stack) -> None:
    with pytest.raises(NotFound):
        await stack.gateway(models=models("claude", "keyless")).stored_response(Asking("GET", "r"), KEY)


async def test_nobody_gets_in_without_a_key(stack: Stack) -> None:
    provider = FakeProvider(answers(STORED))
    with pytest.raises(Unauthorized):
        await stack.gateway(provider, models=ALL).stored_response(Asking("DELETE", "resp_1"), {})
    assert provider.requests == []


async def test_a_stored_stream_comes_as_it_came(stack: Stack) -> None:
    events = sse({"type": "response.created"}, {"type": "response.completed", "response": {"usage": None}})
    provider = FakeProvider(streams(events[:20], events[20:]))
    asked = Asking("GET", "resp_1", query="stream=true&starting_after=3")
    answer = await stack.gateway(provider, models=models("one")).stored_response(asked, KEY)
    assert await read(answer) == events
    assert booked(stack) == []
