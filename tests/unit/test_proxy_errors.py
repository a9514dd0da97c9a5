"""Bad input and bad providers: a documented status, one envelope, and an entry for every call attempted."""

from io import StringIO
from typing import Any

import pytest

from tests.builders import chat_body
from tests.conftest import Metrics
from tests.fakes import Chunks
from tests.proxying import PATH, eventually, proxying, told, untouched
from tollgate.money import dumps
from tollgate.records import Usage

DEEP = b'{"model":"gpt-4o-mini","messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


Json = dict[str, Any]


NUMBER = b'{"model":"gpt-4o-mini","messages":[1],"seed":1e99999999999999999999}'


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"", None),
        (b"{", None),
        (b"hello", None),
        (b'{"model": NaN}', None),
        (b'{"model":"\xff\xfe"}', None),
        (b"\xef\xbb\xbf{}", None),
        (DEEP, None),
        (NUMBER, None),
        (b"[]", None),
        (b'"text"', None),
        (b"null", None),
        (b"12", None),
        (b"{}", "messages"),
        (b'{"messages":"hi"}', "messages"),
        (b'{"messages":[]}', "messages"),
        (b'{"messages":null}', "messages"),
    ],
)
async def test_a_body_that_is_no_chat_call_is_a_bad_request(body: bytes, param: str | None) -> None:
    async with proxying() as proxy:
        assert told(await proxy.chat(body)) == (400, "invalid_request_error", param)
        assert untouched(proxy)


@pytest.mark.parametrize(
    ("fields", "headers", "expected"),
    [
        ({"model": "nope"}, {}, (400, "invalid_request_error", "model")),
        ({"model": None}, {}, (400, "invalid_request_error", "model")),
        ({"model": ["gpt-4o"]}, {}, (400, "invalid_request_error", "model")),
        ({"model": "gpt-4o\nset-cookie: a=b"}, {}, (400, "invalid_request_error", "model")),
        ({"model": "gpt-" + "\x01" * 100}, {}, (400, "invalid_request_error", "model")),
        ({"model": "gpt-of-the-future"}, {}, (400, "model_cost_map_missing", "model")),
        ({"user": "x" * 257}, {}, (400, "invalid_request_error", "user")),
        ({}, {"x_litellm_customer_id": "x" * 257}, (400, "invalid_request_error", "user")),
        ({}, {"authorization": ""}, (401, "auth_error", None)),
        ({}, {"authorization": "Bearer sk-wrong"}, (401, "token_not_found_in_db", "key")),
        ({}, {"authorization": "Bearer wrong"}, (401, "auth_error", None)),
        ({"model": "nope"}, {"authorization": "Bearer sk-wrong"}, (401, "token_not_found_in_db", "key")),
    ],
)
async def test_a_call_that_cannot_be_made_is_refused_before_anything_is_called(
    fields: Json, headers: dict[str, str], expected: tuple[int, str, str | None]
) -> None:
    async with proxying() as proxy:
        assert told(await proxy.chat(chat_body(**fields), **headers)) == expected
        assert untouched(proxy)


async def test_a_header_that_cannot_be_sent_on_is_refused_before_anything_is_called() -> None:
    async with proxying() as proxy:
        headers = [(b"authorization", b"Bearer sk-master-of-tests"), (b"openai-beta", b"Zo\xeb")]
        answer = await proxy.client.post(PATH, content=dumps(chat_body()), headers=headers)
        assert told(answer)[:2] == (400, "invalid_request_error")
        assert untouched(proxy)


async def test_a_deployment_may_require_a_customer() -> None:
    async with proxying(require_customer=True) as proxy:
        assert told(await proxy.chat()) == (400, "invalid_request_error", "user")
        assert untouched(proxy)
        assert (await proxy.chat(x_litellm_customer_id="acme")).status_code == 200


async def test_a_deployment_may_serve_the_unpriced_and_then_says_so(metrics: Metrics) -> None:
    async with proxying(allow_unpriced=True) as proxy:
        answer = await proxy.chat(chat_body(model="gpt-of-the-future"))
        assert (answer.status_code, answer.headers["x-litellm-response-cost"]) == (200, "0")
        assert (proxy.event.unpriced, proxy.event.status) == (True, "success")
        assert proxy.event.usage == Usage(input=10, output=5)
        assert metrics() == {"UnpricedRequests": 1}


@pytest.mark.usefixtures("fresh_settings")
async def test_a_body_over_the_limit_is_too_large_even_if_its_length_is_not_announced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MAX_BODY_BYTES", "1000")
    body = dumps(chat_body(padding="x" * 1000))
    async with proxying() as proxy:
        assert told(await proxy.chat(body))[:2] == (413, "invalid_request_error")
        chunked = Chunks([body[:600], body[600:]])
        answer = await proxy.client.post(PATH, content=chunked, headers={"x-api-key": "sk-master-of-tests"})
        assert answer.status_code == 413
        assert untouched(proxy)
        assert (await proxy.chat(chat_body(padding="x" * 100))).status_code == 200


async def test_a_body_of_ten_megabytes_is_the_largest() -> None:
    frame = len(dumps(chat_body(padding="")))
    async with proxying() as proxy:
        largest = dumps(chat_body(padding="x" * (10 * 1024 * 1024 - frame)))
        assert (await proxy.chat(largest)).status_code == 200
        assert proxy.provider.requests[0].content == largest
        assert (await proxy.chat(largest + b" ")).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/", (404, "not_found")),
        ("POST", "/v1/nowhere", (404, "not_found")),
        ("POST", "/v2/chat/completions", (404, "not_found")),
        ("GET", PATH, (405, "invalid_request_error")),
        ("DELETE", PATH, (405, "invalid_request_error")),
        ("POST", "/v1/models", (405, "invalid_request_error")),
        ("GET", "/docs", (404, "not_found")),
        ("GET", "/openapi.json", (404, "not_found")),
    ],
)
async def test_what_is_not_served_says_so_in_the_same_envelope(
    method: str, path: str, expected: tuple[int, str]
) -> None:
    async with proxying() as proxy:
        assert told(await proxy.client.request(method, path))[:2] == expected


async def test_a_head_request_gets_no_stack_trace() -> None:
    async with proxying() as proxy:
        assert (await proxy.client.head(PATH)).status_code == 405


async def test_no_answer_goes_back_for_a_call_whose_entry_nothing_holds(log: StringIO) -> None:
    async with proxying() as proxy:
        for operation in ("PutItem", "SendMessage"):
            proxy.stack.aws.fail(operation, "AccessDeniedException", times=99)
        answer = await proxy.chat()
        assert told(answer)[:2] == (503, "store_unavailable")
        assert proxy.entries == []
        assert answer.headers["x-litellm-call-id"] in log.getvalue()


async def test_a_call_is_not_made_while_neither_table_nor_queue_can_be_reached() -> None:
    async with proxying() as proxy:
        for operation in ("PutItem", "SendMessage"):
            proxy.stack.aws.hang_up(operation, times=99, sent=False)
        assert told(await proxy.chat())[:2] == (503, "store_unavailable")
        assert untouched(proxy)


async def test_a_call_goes_on_while_its_entry_can_wait_in_the_queue() -> None:
    async with proxying() as proxy:
        proxy.stack.aws.fail("PutItem", "ProvisionedThroughputExceededException", times=10)
        answer = await proxy.chat()
        assert answer.status_code == 200
        assert (proxy.entries, len(proxy.stack.aws.queue.bodies)) == ([], 2)
        proxy.stack.aws.faults.clear()
        assert (await proxy.stack.reconcile().sweep()).replayed == 2
        assert proxy.event.entry.request_id == answer.headers["x-litellm-call-id"]


async def test_an_answer_whose_close_was_lost_everywhere_is_refused_and_its_event_logged(
    log: StringIO,
) -> None:
    async with proxying() as proxy:
        aws = proxy.stack.aws
        aws.fail("PutItem", "AccessDeniedException", when=lambda put: "ending" in put["Item"])
        aws.fail("SendMessage", "AccessDeniedException")
        assert told(await proxy.chat())[:2] == (503, "store_unavailable")
        assert "ledger write lost" in log.getvalue()


async def test_a_failure_of_our_own_is_told_without_its_reasons(log: StringIO) -> None:
    async with proxying(ValueError("the inner workings")) as proxy:
        answer = await proxy.chat()
        assert told(answer)[:2] == (500, "internal_server_error")
        assert "inner workings" not in answer.text
        assert "inner workings" in log.getvalue()
        await eventually(lambda: len(proxy.entries) == 1)


async def test_a_call_that_the_gateway_fails_at_is_booked_by_estimate(log: StringIO) -> None:
    async with proxying(RuntimeError("a bug of ours")) as proxy:
        answer = await proxy.chat(chat_body(max_tokens=7))
    assert told(answer)[:2] == (500, "internal_server_error")
    assert (proxy.event.ending, proxy.event.status, proxy.event.usage.output) == (
        "gateway_error",
        "failure",
        7,
    )
    assert proxy.event.estimated.startswith("the gateway failed")
