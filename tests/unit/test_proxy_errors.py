"""Bad input and bad providers: a documented status, one envelope, and an entry for every call attempted."""

from decimal import Decimal
from io import StringIO
from typing import Any

import httpx2
import pytest

from tests.builders import answers, chat_body, completion, usage_report
from tests.conftest import Metrics
from tests.fakes import Chunks
from tests.proxying import PATH, eventually, proxying, told, untouched
from tollgate.money import dumps
from tollgate.records import Usage

Json = dict[str, Any]
JSON = {"content-type": "application/json"}
DEEP = b'{"model":"gpt-4o-mini","messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
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


@pytest.mark.parametrize(
    ("missing", "model"),
    [
        ("OPENAI_API_KEY", "gpt-4o-mini"),
        ("ANTHROPIC_API_KEY", "claude-sonnet-4-5"),
        ("AWS_LAMBDA_FUNCTION_NAME", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
    ],
)
async def test_a_model_whose_provider_is_not_set_up_is_refused_before_anything_is_called(
    missing: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(missing)
    async with proxying() as proxy:
        answer = await proxy.chat(chat_body(model=model))
        assert told(answer) == (400, "invalid_request_error", "model")
        assert "is not set" in answer.json()["error"]["message"]
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


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/", (405, "invalid_request_error")),
        ("GET", "/v2", (404, "not_found")),
        ("POST", "/v1/nowhere", (404, "not_found")),
        ("POST", "/v2/completion", (404, "not_found")),
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


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 422, 429, 500, 502, 503, 529])
async def test_a_providers_refusal_is_passed_on_and_booked_as_a_failure_without_cost(status: int) -> None:
    async with proxying(answers({"error": {"message": "no"}}, status)) as proxy:
        answer = await proxy.chat(chat_body(user="acme"))
        assert (answer.status_code, answer.json()) == (status, {"error": {"message": "no"}})
        closed = proxy.event
        assert (closed.status, closed.ending, closed.http_status) == ("failure", "upstream_error", status)
        assert (closed.cost, closed.usage, closed.estimated) == (Decimal(0), Usage(), "")
        assert answer.headers["x-litellm-call-id"] == closed.entry.request_id
        assert len(proxy.provider.requests) == 1


async def test_a_refusal_that_reports_usage_is_booked_with_it() -> None:
    async with proxying(answers(completion(usage_report(100, 7)), 500)) as proxy:
        await proxy.chat()
        assert (proxy.event.status, proxy.event.usage) == ("failure", Usage(input=100, output=7))
        assert proxy.event.cost == Decimal("0.0000192")


async def test_a_redirect_is_not_followed_and_not_charged() -> None:
    async with proxying(answers(b"", 307, location="http://elsewhere.test")) as proxy:
        answer = await proxy.chat()
        assert (answer.status_code, "location" in answer.headers) == (307, False)
        assert (proxy.event.status, proxy.event.cost) == ("failure", Decimal(0))
        assert len(proxy.provider.requests) == 1


REFUSED = [httpx2.ConnectError("refused")] * 3


@pytest.mark.parametrize(
    ("provider", "expected", "usage"),
    [
        (REFUSED, (502, "upstream_unreachable"), Usage()),
        ([httpx2.RemoteProtocolError("gone")], (502, "upstream_unreachable"), Usage(input=10)),
        ([httpx2.ReadTimeout("slow")], (504, "upstream_timeout"), Usage(input=10, output=30)),
    ],
    ids=["unreachable", "hung up", "timed out"],
)
async def test_a_provider_that_does_not_answer_is_told_and_booked_by_what_it_may_have_done(
    provider: list[Any], expected: tuple[int, str], usage: Usage
) -> None:
    async with proxying(*provider) as proxy:
        answer = await proxy.chat(chat_body(user="acme", max_tokens=30))
        assert told(answer)[:2] == expected
        assert answer.headers["x-litellm-customer-id"] == "acme"
        assert answer.headers["x-litellm-call-id"] == proxy.event.entry.request_id
        assert (proxy.event.status, proxy.event.ending) == ("failure", "upstream_unreachable")
        assert (proxy.event.usage, bool(proxy.event.estimated)) == (usage, usage != Usage())
        assert proxy.event.duration_ms is None
        assert proxy.event.first_byte_ms is None


def cut(error: Exception, sent: bytes = b'{"id": "chatcmpl-1", "choices": [') -> Any:
    return lambda _: httpx2.Response(200, stream=Chunks([sent, error]), headers=JSON)


@pytest.mark.parametrize(
    ("error", "expected", "ending"),
    [
        (httpx2.ReadError("reset"), (502, "upstream_unreachable"), "upstream_cut"),
        (httpx2.RemoteProtocolError("incomplete"), (502, "upstream_unreachable"), "upstream_cut"),
        (httpx2.ReadTimeout("stalled"), (504, "upstream_timeout"), "timed_out"),
    ],
)
async def test_an_answer_that_breaks_off_is_an_error_and_booked_by_what_came(
    error: Exception, expected: tuple[int, str], ending: str
) -> None:
    async with proxying(cut(error)) as proxy:
        assert told(await proxy.chat())[:2] == expected
        assert (proxy.event.status, proxy.event.ending) == ("failure", ending)
        assert proxy.event.usage.input == 10
        assert "broke off" in proxy.event.estimated


async def test_an_answer_that_cannot_be_unpacked_is_an_answer_that_broke_off() -> None:
    packed = {**JSON, "content-encoding": "gzip"}
    async with proxying(
        lambda _: httpx2.Response(200, stream=Chunks([b"not gzip"]), headers=packed)
    ) as proxy:
        assert told(await proxy.chat())[:2] == (502, "upstream_unreachable")
        assert proxy.event.ending == "upstream_cut"


@pytest.mark.parametrize(
    ("body", "ending", "status", "text"),
    [
        (b"<html>sign in</html>", "nonsense", "failure", 20),
        (b"", "nonsense", "failure", 0),
        (b"\xff\xfe", "nonsense", "failure", 2),
        (DEEP, "nonsense", "failure", len(DEEP)),
        (b"[1]", "nonsense", "failure", 3),
        (b"null", "nonsense", "failure", 4),
        (b"{}", "finished", "success", 0),
        (b'{"usage": {"prompt_tokens": "many"}}', "finished", "success", 0),
        (b'{"choices": [{"message": {"content": "four"}}]}', "finished", "success", 4),
    ],
)
async def test_an_answer_without_a_readable_usage_is_passed_on_and_estimated_by_its_text(
    body: bytes, ending: str, status: str, text: int
) -> None:
    async with proxying(answers(body)) as proxy:
        answer = await proxy.chat()
        assert (answer.status_code, answer.content) == (200, body)
        assert (proxy.event.ending, proxy.event.status) == (ending, status)
        assert proxy.event.usage == Usage(input=10, output=-(-text // 4))
        assert proxy.event.estimated


@pytest.mark.parametrize("count", [10**13, 10**40])
async def test_a_usage_beyond_belief_is_not_booked_as_it_is(count: int) -> None:
    async with proxying(answers(completion(usage_report(10, count)))) as proxy:
        assert (await proxy.chat()).status_code == 200
        assert proxy.event.usage == Usage(input=10)
        assert "a total is missing" in proxy.event.estimated


async def test_a_client_that_allows_more_than_any_model_makes_is_booked_all_the_same() -> None:
    async with proxying(answers({"error": {}}, 400)) as proxy:
        assert (await proxy.chat(chat_body(max_tokens=10**60))).status_code == 400
        assert proxy.event.status == "failure"


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
