"""A chat call in one piece: forwarded as it came, answered as the provider answered, booked as used."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from importlib import import_module
from io import StringIO
from typing import Any

import httpx2
import pytest

from proxy.api import api
from proxy.wiring import gateway
from tests.builders import MASTER_KEY, MESSAGES, answers, chat_body, completion, usage_report
from tests.fakes import FakeProvider
from tests.proxying import AUTHORIZED, PATH, eventually, proxying
from tests.stack import Stack
from tollgate.ids import instant
from tollgate.models import load_models
from tollgate.money import dumps, loads
from tollgate.records import Usage

PLAIN = (
    b'{ "model" : "gpt-4o-mini", "messages":[{"role":"user","content":"h\\u00e9"}],"x_new":[1.10,1e3,null] }'
)


async def test_a_body_that_needs_no_change_reaches_the_provider_byte_for_byte() -> None:
    async with proxying() as proxy:
        assert (await proxy.chat(PLAIN)).status_code == 200
        (request,) = proxy.provider.requests
        assert request.content == PLAIN


async def test_an_alias_changes_the_model_and_not_a_digit_of_anything_else() -> None:
    shipped = load_models()
    alias = shipped.models[0].model_copy(update={"name": "fast", "model": "gpt-4o-mini"})
    models = shipped.model_copy(update={"models": [alias]})
    async with proxying(models=models) as proxy:
        answer = await proxy.chat(PLAIN.replace(b"gpt-4o-mini", b"fast"))
        (request,) = proxy.provider.requests
        assert loads(request.content) == loads(PLAIN)
        assert b"1.10" in request.content
        assert answer.headers["x-litellm-model-group"] == "fast"
        assert (proxy.event.entry.model_group, proxy.event.entry.model) == ("fast", "gpt-4o-mini")


FIELDS: dict[str, Any] = {
    "temperature": 0,
    "n": 2,
    "user": "acme",
    "metadata": {"user_id": "m"},
    "response_format": {"type": "json_object"},
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
    "field_of_tomorrow": {"deep": [{"er": None}]},
}


@pytest.mark.parametrize("name", FIELDS)
async def test_every_field_of_the_client_reaches_the_provider(name: str) -> None:
    async with proxying() as proxy:
        await proxy.chat(chat_body(**{name: FIELDS[name]}))
        assert proxy.sent == chat_body(**{name: FIELDS[name]})


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/chat/completions"])
async def test_both_paths_serve_and_are_one_endpoint(path: str) -> None:
    async with proxying() as proxy:
        assert (await proxy.chat(path=path)).status_code == 200
        assert proxy.event.entry.endpoint == "/chat/completions"


async def test_the_provider_sees_our_key_and_the_calls_id_and_nothing_of_the_clients(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-provider")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://provider.test/v1")
    async with proxying() as proxy:
        answer = await proxy.chat(cookie="a=b", x_litellm_customer_id="acme", openai_beta="x")
        (request,) = proxy.provider.requests
        assert str(request.url) == "http://provider.test/v1/chat/completions"
        assert request.headers["authorization"] == "Bearer sk-of-the-provider"
        assert request.headers["x-client-request-id"] == answer.headers["x-litellm-call-id"]
        assert request.headers["openai-beta"] == "x"
        assert MASTER_KEY not in str(request.headers.raw)
        assert {"cookie", "x-litellm-customer-id"}.isdisjoint(request.headers)


async def test_a_providers_key_can_stand_in_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret:providers#openai")
    async with proxying() as proxy:
        proxy.stack.aws.secrets["providers"] = '{"openai": "sk-vault\\n"}'
        for _ in range(2):
            await proxy.chat()
        assert {r.headers["authorization"] for r in proxy.provider.requests} == {"Bearer sk-vault"}
        assert len(proxy.stack.aws.called("GetSecretValue")) == 1


ODD = b'{ "id": "chatcmpl-\\u0031", "usage":{"prompt_tokens":7,"completion_tokens":2, "x":1.50} , "n": [] }\n'


@pytest.mark.parametrize(
    ("status", "body", "content_type"),
    [
        (200, ODD, "application/json; charset=utf-8"),
        (201, ODD, "application/json"),
        (400, b'{"error": {"message": "no", "param": null}}', "application/json"),
        (401, b"", "application/json"),
        (404, b"<html>", "text/html"),
        (429, b'{"error":1}', "application/problem+json"),
        (500, b"oops", "text/plain"),
        (529, b'{"error": {}}', "application/json"),
        (307, b"", "text/plain"),
        (200, b"\xff\xfe nonsense", "application/json"),
    ],
)
async def test_the_providers_status_body_and_type_come_back_as_they_are(
    status: int, body: bytes, content_type: str
) -> None:
    async with proxying(answers(body, status, content_type=content_type)) as proxy:
        answer = await proxy.chat()
        assert (answer.status_code, answer.content) == (status, body)
        assert answer.headers["content-type"] == content_type
        assert proxy.event.http_status == status


async def test_the_providers_headers_come_back_as_far_as_they_are_the_clients_business() -> None:
    provider = answers(retry_after="20", x_request_id="req_1", set_cookie="a=b", server="cloud")
    async with proxying(provider) as proxy:
        answer = await proxy.chat()
        assert (answer.headers["retry-after"], answer.headers["x-request-id"]) == ("20", "req_1")
        assert {"set-cookie", "server"}.isdisjoint(answer.headers)


async def test_the_answer_names_the_call_its_cost_its_model_and_its_customer() -> None:
    usage = usage_report(1201, 34, prompt_tokens_details={"cached_tokens": 1000})
    async with proxying(answers(completion(usage))) as proxy:
        answer = await proxy.chat(chat_body(user=" acme "))
        closed = proxy.event
        assert answer.headers["x-litellm-call-id"] == closed.entry.request_id
        assert answer.headers["x-litellm-response-cost"] == "0.00012555"
        assert answer.headers["x-litellm-model-group"] == "gpt-4o-mini"
        assert answer.headers["x-litellm-customer-id"] == "acme"


@pytest.mark.parametrize(
    ("customer", "shown"),
    [
        ("acme", "acme"),
        ("a b/c@d.e", "a b/c@d.e"),
        ("Zoë ✓", "Zo%C3%AB %E2%9C%93"),
        ("a\nb%", "a%0Ab%25"),
        ("😀" * 256, "%F0%9F%98%80" * 256),
    ],
)
async def test_a_customer_in_any_alphabet_is_echoed_in_a_header_that_can_hold_it(
    customer: str, shown: str
) -> None:
    async with proxying() as proxy:
        answer = await proxy.chat(chat_body(user=customer))
        assert answer.headers["x-litellm-customer-id"] == shown
        assert proxy.event.entry.customer_id == customer


async def test_a_call_without_a_customer_echoes_none() -> None:
    async with proxying() as proxy:
        assert "x-litellm-customer-id" not in (await proxy.chat()).headers
        assert proxy.event.entry.customer_id == ""


async def test_a_call_is_booked_with_who_what_when_and_every_class_of_its_usage() -> None:
    usage = usage_report(
        1201,
        34,
        prompt_tokens_details={"cached_tokens": 1000},
        completion_tokens_details={"reasoning_tokens": 20},
    )
    async with proxying(answers(completion(usage)), zone="Pacific/Kiritimati") as proxy:
        form = {"device_id": "d", "account_uuid": "acc", "session_id": "s"}
        await proxy.chat(chat_body(metadata={"user_id": json.dumps(form)}, max_tokens=50))
        closed, began = proxy.event, proxy.event.entry
        assert (began.customer_id, began.session_id) == ("acc", "s")
        assert (began.model, began.provider, began.stream) == ("gpt-4o-mini", "openai", False)
        assert len(began.key_id) == 64
        assert (began.input_estimate, began.output_limit) == (10, 50)
        assert abs(instant(began.request_id) - began.started_at).total_seconds() < 1
        assert (closed.status, closed.ending, closed.estimated) == ("success", "finished", "")
        assert closed.usage == Usage(input=201, cache_read=1000, output=14, reasoning=20)
        assert closed.cost == closed.charge == Decimal("0.00012555")
        assert closed.duration_ms is not None
        assert closed.first_byte_ms is not None
        assert closed.first_byte_ms <= closed.duration_ms
        assert closed.closed_at >= began.started_at
        assert len(closed.price_version) == 16


async def test_the_entry_is_on_its_way_before_the_provider_is_called_and_durable_before_its_answer() -> None:
    seen: list[int] = []
    stack: list[Stack] = []

    def provider(request: httpx2.Request) -> httpx2.Response:
        seen.append(len(stack[0].aws.called("PutItem")))
        return answers()(request)

    async with proxying(provider) as proxy:
        stack.append(proxy.stack)
        gate = proxy.stack.aws.hold("PutItem")
        call = asyncio.create_task(proxy.chat())
        await eventually(lambda: bool(proxy.provider.requests))
        await asyncio.sleep(0.01)
        assert seen == [1]
        assert not call.done()
        gate.set()
        assert (await call).status_code == 200


async def test_a_call_without_limits_costs_two_writes_of_the_ledger_and_nothing_else() -> None:
    async with proxying() as proxy:
        await proxy.chat(chat_body(user="acme"))  # whose limits are known for some seconds from here
        proxy.stack.aws.calls.clear()
        await proxy.chat(chat_body(user="acme"))
        assert [call.operation for call in proxy.stack.aws.calls] == ["PutItem", "PutItem"]


async def test_no_word_of_prompt_or_answer_is_kept_and_no_key(
    log: StringIO, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-provider")
    secret = completion(choices=[{"message": {"content": "the answer nobody may store"}}])
    failing = [answers(secret), answers(b"the answer nobody may store"), httpx2.ReadTimeout("slow")]
    async with proxying(*failing) as proxy:
        proxy.stack.aws.fail("PutItem", "ValidationException", times=3)
        for _ in range(3):
            await proxy.chat(chat_body(user="acme"))
        await proxy.stack.record()
        tables = [proxy.stack.aws.items(name) for name in proxy.stack.aws.dynamodb.tables]
        kept = f"{tables} {proxy.stack.aws.queue.bodies} {log.getvalue()} {capsys.readouterr().out}"
    assert "spilled" in kept
    for word in (MESSAGES[0]["content"], "nobody may store", MASTER_KEY, "sk-of-the-provider"):
        assert word not in kept


async def test_a_call_is_counted_as_it_was_booked() -> None:
    async with proxying() as proxy:
        await proxy.chat(chat_body(user="acme"))
        closed = proxy.event
        await proxy.stack.record()
        assert await proxy.stack.drift().of_day(closed.entry.day) == 0
        found = await proxy.stack.customers.get("acme")
        assert found is not None
        assert found.spend == closed.charge


@pytest.mark.parametrize("path", ["/v1/models", "/models"])
async def test_the_models_are_listed_in_openais_shape(path: str) -> None:
    async with proxying() as proxy:
        listed = (await proxy.client.get(path, headers=AUTHORIZED)).json()
        assert listed["object"] == "list"
        first = listed["data"][0]
        assert (first["id"], first["object"]) == ("gpt-3.5-turbo", "model")
        assert {"created", "owned_by"} <= first.keys()
        assert (await proxy.client.get(path)).status_code == 401


@pytest.mark.parametrize("path", ["/health", "/health/liveliness"])
async def test_health_needs_no_key_and_no_store(path: str) -> None:
    async with proxying() as proxy:
        answer = await proxy.client.get(path)
        assert (answer.status_code, answer.json()) == (200, "I'm alive!")
        assert proxy.stack.aws.calls == []


INVOCATION = {
    "resource": "/{proxy+}",
    "path": PATH,
    "httpMethod": "POST",
    "headers": AUTHORIZED,
    "multiValueHeaders": {name: [value] for name, value in AUTHORIZED.items()},
    "queryStringParameters": None,
    "multiValueQueryStringParameters": None,
    "requestContext": {"httpMethod": "POST", "path": PATH, "resourcePath": "/{proxy+}", "stage": "v1"},
    "body": dumps(chat_body()).decode(),
    "isBase64Encoded": False,
}


class Context:
    """What Lambda tells a function of its invocation."""

    def get_remaining_time_in_millis(self) -> int:
        """A minute."""
        return 60_000


def invoked() -> Any:
    """The handler's answer in a process of its own, as far as event loops go: importing it makes one."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        return import_module("proxy.handler").handler(INVOCATION, Context())
    finally:
        loop.close()


def test_the_same_app_answers_a_buffered_invocation() -> None:
    one = Stack.over().gateway(FakeProvider(answers(ODD)))
    api.dependency_overrides[gateway] = lambda: one
    try:
        with ThreadPoolExecutor(1) as process:
            answer = process.submit(invoked).result()
    finally:
        api.dependency_overrides.clear()
    assert (answer["statusCode"], answer["body"].encode()) == (200, ODD)
