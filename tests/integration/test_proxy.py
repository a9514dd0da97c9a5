"""What bad input gets from the real proxy: a status and an envelope; no call, no entry, no stack trace."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import httpx2
import pytest

from tests.integration.conftest import Gateway
from tests.ministack import MASTER_KEY
from tests.real_proxy import body
from tests.truth import truth_rows

PATH = "/v1/chat/completions"
NO_HEADERS: Mapping[str, str] = {}


def assert_envelope(answer: httpx2.Response, status: int, kind: str, param: str | None = None) -> str:
    """LiteLLM's envelope; its message."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    assert (error["type"], error["param"], error["code"]) == (kind, param, str(status))
    assert "Traceback" not in answer.text
    return str(error["message"])


@pytest.fixture
def refusing(gateway: Gateway) -> Iterator[Gateway]:
    """Whatever is asked here is refused before it costs anything: no call is made, nothing is booked."""
    before = gateway.entries()
    yield gateway
    assert truth_rows(gateway.provider.url) == []
    assert gateway.entries() == before


async def ask(gateway: Gateway, content: Any, headers: Mapping[str, str] = NO_HEADERS) -> httpx2.Response:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    async with gateway.client() as client:
        return await client.post(PATH, content=raw, headers=encoded)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{nonsense",
        b'{"model": "gpt-4o", "messages": [',
        b'{"model": "gpt-4o", "messages": ["\xff"]}',
        b'{"model": "gpt-4o", "messages": [{}], "user": "\\ud800"}',
        b'{"model": "gpt-4o", "messages": [{}], "temperature": NaN}',
        b'{"model": "gpt-4o", "messages": [{}], "temperature": 1e99999999999999999999}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"[]",
        b'"gpt-4o"',
        b"null",
        b"17",
    ],
    ids=[
        "empty",
        "nonsense",
        "cut short",
        "not UTF-8",
        "half a surrogate pair",
        "NaN",
        "a number out of range",
        "nested without end",
        "objects without end",
        "array",
        "string",
        "null",
        "number",
    ],
)
async def test_a_body_that_is_no_object(refusing: Gateway, content: bytes) -> None:
    assert_envelope(await ask(refusing, content), 400, "invalid_request_error")


@pytest.mark.parametrize("messages", [None, [], "hello", {"role": "user"}, 17])
async def test_messages_that_are_none(refusing: Gateway, messages: Any) -> None:
    call = {**body("acme"), "messages": messages}
    message = assert_envelope(await ask(refusing, call), 400, "invalid_request_error", "messages")
    assert "messages" in message


async def test_no_messages_at_all(refusing: Gateway) -> None:
    assert_envelope(await ask(refusing, {"model": "gpt-4o"}), 400, "invalid_request_error", "messages")


@pytest.mark.parametrize("model", [None, "", 17, ["gpt-4o"], "no-such-model", "gpt-" + "x" * 5000])
async def test_a_model_that_is_not_served(refusing: Gateway, model: Any) -> None:
    message = assert_envelope(
        await ask(refusing, {**body("acme"), "model": model}), 400, "invalid_request_error", "model"
    )
    assert len(message) < 1000


async def test_a_model_without_a_price(refusing: Gateway) -> None:
    """It is refused before the provider is called."""
    call = body("acme", model="gpt-nobody-knows-its-price")
    assert_envelope(await ask(refusing, call), 400, "model_cost_map_missing", "model")


async def large(size: int) -> AsyncIterator[bytes]:
    """A body in chunks, whose length is not announced."""
    yield b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "'
    for _ in range(size // 65536):
        yield b"x" * 65536
    yield b'"}]}'


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
async def test_a_body_over_the_limit(refusing: Gateway, announced: bool) -> None:
    size = 11 * 1024 * 1024
    content: Any = b"".join([chunk async for chunk in large(size)]) if announced else large(size)
    async with refusing.client() as client:
        answer = await client.post(PATH, content=content)
        assert_envelope(answer, 413, "invalid_request_error")
        assert (await client.get("/health")).status_code == 200


@pytest.mark.parametrize(
    ("headers", "kind", "param"),
    [
        ({}, "auth_error", None),
        ({"authorization": "Bearer"}, "auth_error", None),
        ({"authorization": "Bearer not-a-key"}, "auth_error", None),
        ({"authorization": "Basic c2stMTIzNA=="}, "auth_error", None),
        ({"authorization": "Bearer sk-wrong"}, "token_not_found_in_db", "key"),
        ({"authorization": f"Bearer {MASTER_KEY}x"}, "token_not_found_in_db", "key"),
        ({"x-api-key": "sk-wrong"}, "token_not_found_in_db", "key"),
        ({"api-key": "sk-wrong"}, "token_not_found_in_db", "key"),
        (
            {"authorization": f"Bearer {MASTER_KEY}", "x-litellm-api-key": "sk-wrong"},
            "token_not_found_in_db",
            "key",
        ),
    ],
)
async def test_a_key_that_is_not_known(
    refusing: Gateway, headers: dict[str, str], kind: str, param: str | None
) -> None:
    # From an address of its own: one that keeps failing is slowed.
    way = httpx2.AsyncHTTPTransport(local_address=f"127.0.1.{len(str(headers))}")
    async with httpx2.AsyncClient(base_url=refusing.proxy.url, transport=way) as client:
        answer = await client.post(PATH, json=body("acme"), headers=headers)
        models = await client.get("/v1/models", headers=headers)
    assert_envelope(answer, 401, kind, param)
    assert_envelope(models, 401, kind, param)
    assert MASTER_KEY not in answer.text


@pytest.mark.parametrize("name", ["authorization", "x-api-key", "api-key", "x-litellm-api-key"])
async def test_every_header_that_carries_a_key(gateway: Gateway, name: str) -> None:
    value = f"Bearer {MASTER_KEY}" if name == "authorization" else MASTER_KEY
    async with httpx2.AsyncClient(base_url=gateway.proxy.url, trust_env=False) as client:
        answer = await client.post(PATH, json=body("acme"), headers={name: value})
    assert answer.status_code == 200


async def test_a_customer_id_that_is_too_long(refusing: Gateway) -> None:
    for call, headers in (
        (body("x" * 257), {}),
        (body("acme"), {"x-litellm-customer-id": "x" * 257}),
        (body("acme"), {"x-litellm-end-user-id": "ü" * 257}),
        ({**body(""), "metadata": {"user_id": "é" * 257}}, {}),
        ({**body(""), "user": 10**300}, {}),
    ):
        answer = await ask(refusing, call, headers)
        message = assert_envelope(answer, 400, "invalid_request_error", "user")
        assert "256" in message


async def test_a_customer_id_just_short_enough(gateway: Gateway) -> None:
    answer = await ask(gateway, body("😀" * 256))
    assert answer.status_code == 200
    assert gateway.entry(answer)["customer"] == "C#" + "😀" * 256
    gateway.balanced({answer.headers["x-litellm-call-id"]: "😀" * 256})


async def test_what_is_not_served(refusing: Gateway) -> None:
    async with refusing.client() as client:
        assert_envelope(await client.post("/v1/nothing", json={}), 404, "not_found")
        assert_envelope(await client.get(PATH), 405, "invalid_request_error")


@pytest.mark.parametrize(
    "model", ["gpt-4o\r\nset-cookie: a=b", "gpt-4o-ü", "gpt-4o\x00", "gpt-4o-2024-08-06 "]
)
async def test_a_model_name_that_is_no_header(gateway: Gateway, model: str) -> None:
    """Whether such a model is served or not, nothing of its name breaks the answer."""
    answer = await ask(gateway, body("acme", model=model))
    assert answer.status_code in (200, 400)
    assert "set-cookie" not in answer.headers


async def test_a_header_that_the_provider_could_not_read(refusing: Gateway) -> None:
    answer = await ask(refusing, body("acme"), {"openai-organization": "é"})
    assert "openai-organization" in assert_envelope(answer, 400, "invalid_request_error")
