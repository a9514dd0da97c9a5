"""A provider that refuses, hangs up, times out or answers nonsense: told as it is, booked by what it did."""

from decimal import Decimal
from typing import Any

import httpx2
import pytest

from tests.builders import answers, chat_body, completion, usage_report
from tests.fakes import Chunks
from tests.proxying import proxying, told
from tollgate.records import Usage

JSON = {"content-type": "application/json"}


DEEP = b'{"model":"gpt-4o-mini","messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


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


def cut(error: Exception, sent: bytes = b'{"id": "chatcmpl-1", "choices": [') -> Any:
    return lambda _: httpx2.Response(200, stream=Chunks([sent, error]), headers=JSON)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx2.ReadError("reset"), (502, "upstream_unreachable")),
        (httpx2.RemoteProtocolError("incomplete"), (502, "upstream_unreachable")),
        (httpx2.ReadTimeout("stalled"), (504, "upstream_timeout")),
    ],
)
async def test_an_answer_that_breaks_off_is_an_error_and_booked_by_what_came(
    error: Exception, expected: tuple[int, str]
) -> None:
    async with proxying(cut(error)) as proxy:
        assert told(await proxy.chat())[:2] == expected
        assert (proxy.event.status, proxy.event.ending) == ("failure", "upstream_cut")
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
    ("body", "ending", "status"),
    [
        (b"<html>sign in</html>", "nonsense", "failure"),
        (b"", "nonsense", "failure"),
        (b"\xff\xfe", "nonsense", "failure"),
        (DEEP, "nonsense", "failure"),
        (b"{}", "finished", "success"),
        (b"[1]", "finished", "success"),
        (b"null", "finished", "success"),
        (b'{"usage": {"prompt_tokens": "many"}}', "finished", "success"),
    ],
)
async def test_an_answer_without_a_readable_usage_is_passed_on_and_estimated(
    body: bytes, ending: str, status: str
) -> None:
    async with proxying(answers(body)) as proxy:
        answer = await proxy.chat()
        assert (answer.status_code, answer.content) == (200, body)
        assert (proxy.event.ending, proxy.event.status) == (ending, status)
        assert proxy.event.usage == Usage(input=10, output=-(-len(body) // 4))
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
