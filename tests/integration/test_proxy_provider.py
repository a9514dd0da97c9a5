"""What a bad provider means for the client and for the ledger: nothing hangs, each attempt is an entry."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import httpx2
import pytest

from tests.integration.conftest import UPSTREAM_TIMEOUT, Gateway
from tests.processes import HOST, Server, free_port
from tests.real_proxy import body, chat, client_of, proxy, stored
from tests.truth import truth_rows

BOTH = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


async def call(gateway: Gateway, *, stream: bool, **demo: Any) -> httpx2.Response:
    """A call, within the time that no answer here may take longer than."""
    async with asyncio.timeout(UPSTREAM_TIMEOUT + 5):
        async with gateway.client() as client:
            return await chat(client, "acme", stream=stream, **demo)


def assert_entry(item: dict[str, Any], status: str, ending: str, *, estimated: bool) -> None:
    assert (item["state"], item["status"], item["ending"]) == ("closed", status, ending)
    assert bool(item.get("estimated")) == estimated
    assert ("cost" in item) == bool(item.get("usage"))


@BOTH
@pytest.mark.parametrize(("fault", "status"), [("error_400", 400), ("error_429", 429), ("error_500", 500)])
async def test_a_provider_that_refuses(gateway: Gateway, fault: str, status: int, stream: bool) -> None:
    """Its own words reach the client; it charges nothing."""
    answer = await call(gateway, stream=stream, fault=fault)
    assert answer.status_code == status
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
    assert answer.headers.get("retry-after") == ("1" if status == 429 else None)
    item = gateway.entry(answer)
    assert_entry(item, "failure", "upstream_error", estimated=False)
    assert item["http_status"] == status
    gateway.balanced()


@BOTH
async def test_a_refusal_that_costs(gateway: Gateway, stream: bool) -> None:
    answer = await call(gateway, stream=stream, fault="error_with_usage")
    assert answer.status_code == 500
    item = gateway.entry(answer)
    assert_entry(item, "failure", "upstream_error", estimated=False)
    (row,) = truth_rows(gateway.provider.url)
    assert item["usage"] == row["usage"]
    assert item["cost"] > 0
    gateway.balanced()


@BOTH
async def test_a_body_that_the_provider_refuses(gateway: Gateway, stream: bool) -> None:
    """The gateway leaves to the provider what it need not understand."""
    async with gateway.client() as client:
        wrong = {**body("acme", stream=stream), "max_tokens": "many"}
        answer = await client.post("/v1/chat/completions", json=wrong)
    assert answer.status_code == 400
    assert_entry(gateway.entry(answer), "failure", "upstream_error", estimated=False)
    gateway.balanced()


@BOTH
async def test_a_provider_that_thinks_for_ever(gateway: Gateway, stream: bool) -> None:
    answer = await call(gateway, stream=stream, slow_first_byte_s=UPSTREAM_TIMEOUT + 60)
    assert answer.status_code == 504
    assert answer.json()["error"]["type"] == "upstream_timeout"
    assert_entry(gateway.entry(answer), "failure", "upstream_unreachable", estimated=True)
    gateway.balanced()


@BOTH
async def test_a_provider_that_hangs_up(gateway: Gateway, stream: bool) -> None:
    answer = await call(gateway, stream=stream, fault="hang_up")
    assert answer.status_code == 502
    assert answer.json()["error"]["type"] == "upstream_unreachable"
    assert_entry(gateway.entry(answer), "failure", "upstream_unreachable", estimated=True)
    gateway.balanced()


async def test_a_provider_that_hangs_up_mid_answer(gateway: Gateway) -> None:
    answer = await call(gateway, stream=False, fault="cut_body")
    assert answer.status_code == 502
    assert answer.json()["error"]["type"] == "upstream_unreachable"
    assert_entry(gateway.entry(answer), "failure", "upstream_cut", estimated=True)
    gateway.balanced()


async def test_a_provider_that_hangs_up_mid_stream(gateway: Gateway) -> None:
    """What came is passed on; then the client is told, in the stream, that it is not all."""
    answer = await call(gateway, stream=True, fault="cut_stream", chunks=20)
    assert answer.status_code == 200
    events = [line for line in answer.text.splitlines() if line.startswith("data: ")]
    assert len(events) > 5
    assert '"upstream_unreachable"' in events[-1]
    assert "[DONE]" not in answer.text
    assert_entry(gateway.entry(answer), "failure", "upstream_cut", estimated=True)
    gateway.balanced()


async def test_a_stream_that_stalls(gateway: Gateway) -> None:
    answer = await call(gateway, stream=True, chunks=5, slow_chunk_s=UPSTREAM_TIMEOUT + 60)
    assert answer.status_code == 200
    assert '"upstream_unreachable"' in answer.text
    assert_entry(gateway.entry(answer), "failure", "upstream_cut", estimated=True)
    gateway.balanced()


@BOTH
async def test_nonsense(gateway: Gateway, stream: bool) -> None:
    """A 200 that is not what it says it is: passed on as it came, and booked as a failure."""
    answer = await call(gateway, stream=stream, fault="nonsense")
    assert answer.status_code == 200
    assert "502 Bad Gateway" in answer.text
    assert_entry(gateway.entry(answer), "failure", "nonsense", estimated=True)
    gateway.balanced()


@BOTH
async def test_an_answer_without_usage(gateway: Gateway, stream: bool) -> None:
    answer = await call(gateway, stream=stream, fault="no_usage")
    assert answer.status_code == 200
    assert_entry(gateway.entry(answer), "success", "finished", estimated=True)
    gateway.balanced()


@pytest.mark.parametrize("fault", ["duplicate_usage", "usage_in_last_choice"])
async def test_usage_where_nobody_expects_it(gateway: Gateway, fault: str) -> None:
    answer = await call(gateway, stream=True, fault=fault)
    assert answer.status_code == 200
    assert_entry(gateway.entry(answer), "success", "finished", estimated=False)
    gateway.balanced()


def http(content_type: str, body: bytes, *more: str) -> bytes:
    """An answer with its length, but for a stream, which ends with its connection."""
    length = "connection: close" if content_type == STREAM else f"content-length: {len(body)}"
    head = "\r\n".join(("HTTP/1.1 200 OK", f"content-type: {content_type}", length, *more))
    return head.encode() + b"\r\n\r\n" + body


JSON, STREAM = "application/json", "text/event-stream"
ENDLESS = b"9" * 57
ODD = {
    "nothing": b"",
    "not HTTP": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "half a status line": b"HTTP/1.1 20",
    "not UTF-8": http(JSON, b'{"usage": "\xff"}'),
    "not gzip": http(JSON, b"1234", "content-encoding: gzip"),
    "nested without end": http(JSON, b"[" * 50_000),
    "usage out of range": http(JSON, b'{"usage": {"prompt_tokens": %b}}' % ENDLESS),
    "usage of another kind": http(JSON, b'{"usage": {"prompt_tokens": [{"many": 1}]}}'),
    "an array": http(JSON, b"[]"),
    "an empty stream": http(STREAM, b""),
    "a stream of nonsense": http(STREAM, b'data: {"usage": [1\xff}\n\n' * 5 + b"\n\n\n: \n\ndata"),
    "a stream of JSON": http(STREAM, b'{"usage": {"prompt_tokens": 5}}'),
    "a stream of wild usage": http(
        STREAM, b'data: {"choices": [], "usage": {"prompt_tokens": %b}}\n\ndata: [DONE]\n\n' % ENDLESS
    ),
}


class OddProvider(ThreadingTCPServer):
    """Says the same to everybody."""

    daemon_threads = True
    says = b""

    def finish_request(self, request: Any, _address: Any) -> None:
        """Read what fits one packet, and answer."""
        request.recv(65536)
        request.sendall(self.says)


@pytest.fixture(scope="module")
def odd(running: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OddProvider, Server]]:
    log = tmp_path_factory.mktemp("odd") / "log"
    with OddProvider((HOST, 0), BaseRequestHandler) as provider:
        Thread(target=provider.serve_forever, daemon=True).start()
        there = {"OPENAI_BASE_URL": f"http://{HOST}:{provider.server_address[1]}/v1"}
        with proxy(running.deployment, running.provider, log, changes=there) as server:
            yield provider, server
        provider.shutdown()


@BOTH
@pytest.mark.parametrize("says", ODD.values(), ids=ODD.keys())
async def test_a_provider_out_of_its_mind(
    gateway: Gateway, odd: tuple[OddProvider, Server], says: bytes, stream: bool
) -> None:
    """Whatever comes, the client gets an end, and the entry is closed at once, without housekeeping."""
    provider, server = odd
    provider.says = says
    async with asyncio.timeout(10), client_of(server) as client:
        answer = await chat(client, "acme", stream=stream)
    assert answer.status_code in (200, 502)
    item = stored(gateway.deployment, answer.headers["x-litellm-call-id"])
    assert item["state"] == "closed"
    assert item["estimated"]
    assert "Traceback" not in server.said()


@BOTH
async def test_no_provider_at_all(gateway: Gateway, tmp_path: Path, stream: bool) -> None:
    """Nothing was sent, so nothing is charged; the attempt is in the ledger all the same."""
    nobody = {"OPENAI_BASE_URL": f"http://{HOST}:{free_port()}/v1", "UPSTREAM_RETRIES": "1"}
    with proxy(gateway.deployment, gateway.provider, tmp_path / "log", changes=nobody) as lonely:
        async with client_of(lonely) as client:
            answer = await chat(client, "acme", stream=stream)
    assert answer.status_code == 502
    assert answer.json()["error"]["type"] == "upstream_unreachable"
    item = stored(gateway.deployment, answer.headers["x-litellm-call-id"])
    assert_entry(item, "failure", "upstream_unreachable", estimated=False)
    gateway.balanced()
