"""What crosses to the provider and back, and what a call makes of a provider that does not answer."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx2
import pytest

from tests.builders import answers, chat_body
from tests.fakes import FakeProvider, Respond
from tollgate.call import parse
from tollgate.endpoints.table import CHAT
from tollgate.errors import BadRequest, HungUp, NotReached, UpstreamTimeout, UpstreamUnreachable
from tollgate.models import Deployment
from tollgate.money import dumps
from tollgate.providers import Provider
from tollgate.settings import ProxySettings
from tollgate.upstream.client import Shipment, Upstream
from tollgate.upstream.headers import to_client, to_provider
from tollgate.upstream.shipping import shipment

SHIPMENT = Shipment("http://provider.test/v1/chat/completions", {"authorization": "Bearer k"}, b"{}")
DEPLOYMENT = Deployment("gpt-4o-mini", "gpt-4o-mini", "p", Provider(base_url="http://provider.test/v1"), None)
CLIENTS = {
    "accept": "application/json",
    "content-type": "application/json",
    "openai-beta": "assistants=v2",
    "openai-organization": "org-of-the-client",
    "openai-project": "proj",
    "anthropic-beta": "x",
    "anthropic-version": "2023-06-01",
}
OURS = {
    "authorization": "Bearer sk-ours",
    "x-api-key": "sk-ours",
    "api-key": "sk-ours",
    "x-litellm-api-key": "sk-ours",
    "x-litellm-customer-id": "acme",
    "cookie": "session=1",
    "host": "gateway.test",
    "content-length": "2",
    "transfer-encoding": "chunked",
    "connection": "keep-alive",
    "accept-encoding": "gzip, br",
    "x-forwarded-for": "10.0.0.1",
    "user-agent": "OpenAI/Python",
    "x-amzn-trace-id": "Root=1",
    "x-client-request-id": "spoofed",
}


def crossed(key: str) -> dict[str, str]:
    """The headers of a call as its provider gets them."""
    call = parse(CHAT, CLIENTS | OURS, dumps(chat_body()))
    return shipment(call, DEPLOYMENT, key, "call-1").headers


def test_only_what_a_provider_may_see_crosses_with_our_key_and_the_calls_id() -> None:
    assert crossed("sk-provider") == {
        **CLIENTS,
        "authorization": "Bearer sk-provider",
        "x-client-request-id": "call-1",
        "accept-encoding": "identity",
    }


def test_a_provider_without_a_key_gets_no_authorization_least_of_all_the_clients() -> None:
    assert "authorization" not in crossed("")
    assert "sk-ours" not in str(crossed(""))


@pytest.mark.parametrize("value", ["Zo\xeb", "a\nb", "a\x00b"])
def test_a_header_that_cannot_be_sent_on_is_the_clients_mistake(value: str) -> None:
    with pytest.raises(BadRequest, match="openai-beta"):
        to_provider({"openai-beta": value}, "call-1")


def test_only_what_a_client_may_see_comes_back() -> None:
    shown = {
        "content-type": "application/json",
        "retry-after": "20",
        "x-request-id": "req_1",
        "request-id": "req_2",
        "x-should-retry": "false",
        "openai-processing-ms": "12",
        "openai-version": "2020-10-01",
        "x-ratelimit-remaining-requests": "99",
        "anthropic-ratelimit-tokens-limit": "1",
    }
    hidden = {
        "set-cookie": "a=b",
        "content-length": "3",
        "content-encoding": "gzip",
        "transfer-encoding": "chunked",
        "connection": "close",
        "server": "cloudflare",
        "cf-ray": "1",
        "x-litellm-call-id": "spoofed",
        "location": "http://elsewhere.test",
        "strict-transport-security": "max-age=1",
    }
    assert to_client(shown | hidden) == shown


Build = Callable[..., Upstream]


@pytest.fixture
async def upstream() -> AsyncIterator[Build]:
    made: list[Upstream] = []

    def build(provider: FakeProvider, **settings: int) -> Upstream:
        made.append(Upstream(ProxySettings(**settings), transport=provider))  # type: ignore[arg-type]
        return made[-1]

    yield build
    for one in made:
        await one.aclose()


def soon() -> float:
    return asyncio.get_running_loop().time() + 60


NOT_SENT = [httpx2.ConnectError("refused"), httpx2.ConnectTimeout("slow"), httpx2.PoolTimeout("full")]


@pytest.mark.parametrize("error", NOT_SENT, ids=lambda error: type(error).__name__)
async def test_a_call_that_was_not_sent_is_tried_again(upstream: Build, error: Exception) -> None:
    provider = FakeProvider(error, error, answers({"ok": True}))
    response = await upstream(provider).send(SHIPMENT, soon())
    assert await response.aread() == b'{"ok":true}'
    assert len(provider.requests) == 3


@pytest.mark.parametrize("error", NOT_SENT, ids=lambda error: type(error).__name__)
async def test_a_provider_that_stays_away_is_not_reached(upstream: Build, error: Exception) -> None:
    provider = FakeProvider(error)
    with pytest.raises(NotReached) as refused:
        await upstream(provider, upstream_retries=1).send(SHIPMENT, soon())
    assert len(provider.requests) == 2
    assert "provider.test" not in refused.value.message


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx2.ReadTimeout("slow"), UpstreamTimeout),
        (httpx2.WriteTimeout("slow"), UpstreamTimeout),
        (httpx2.RemoteProtocolError("disconnected"), HungUp),
        (httpx2.ReadError("reset"), HungUp),
        (httpx2.WriteError("reset"), HungUp),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
async def test_a_call_that_may_have_been_taken_is_never_sent_twice(
    upstream: Build, error: Exception, kind: type[UpstreamUnreachable]
) -> None:
    provider = FakeProvider(error)
    with pytest.raises(kind):
        await upstream(provider).send(SHIPMENT, soon())
    assert len(provider.requests) == 1


@pytest.mark.parametrize("url", ["ftp://provider.test/v1", "provider.test/v1", "http://"])
async def test_an_address_that_cannot_be_called_is_not_reached(url: str) -> None:
    client = Upstream(ProxySettings(upstream_retries=0))
    with pytest.raises(NotReached):
        await client.send(Shipment(url, {}, b""), soon())


async def test_a_call_ends_with_its_deadline_however_long_the_provider_takes() -> None:
    async def asleep(_: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(60)
        raise AssertionError

    client = Upstream(ProxySettings(), transport=httpx2.MockTransport(asleep))
    with pytest.raises(UpstreamTimeout):
        await client.send(SHIPMENT, asyncio.get_running_loop().time() + 0.01)


@pytest.mark.parametrize("status", [200, 204, 301, 400, 401, 429, 500, 503, 599])
async def test_a_status_is_never_an_error_and_a_redirect_never_followed(upstream: Build, status: int) -> None:
    elsewhere: Respond = answers({}, status, location="http://elsewhere.test")
    provider = FakeProvider(elsewhere)
    assert (await upstream(provider).send(SHIPMENT, soon())).status_code == status
    assert len(provider.requests) == 1


async def test_the_provider_gets_the_body_byte_for_byte(upstream: Build) -> None:
    provider = FakeProvider(answers({}))
    body = b'{ "a" : 1.10,\n"b":"\xc3\xa9" }'
    await upstream(provider).send(Shipment(SHIPMENT.url, SHIPMENT.headers, body), soon())
    (request,) = provider.requests
    assert (request.method, str(request.url), request.content) == ("POST", SHIPMENT.url, body)
    assert request.headers["authorization"] == "Bearer k"
