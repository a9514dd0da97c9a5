"""Sources that fail to get in again and again: slowed, counted, and nobody else with them."""

import json
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from proxy.api import api
from tests.builders import MASTER_KEY
from tests.fakes import FakeAws
from tests.key_ring import SECRET, keys, presented, put
from tests.proxying import proxying
from tests.stack import Stack
from tollgate.errors import InvalidKey, RateLimited, TollgateError
from tollgate.keys import Keys
from tollgate.slowing import Slowing

HERE, THERE = "198.51.100.7", "203.0.113.9"


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


async def guess(authentication: Keys, times: int = 11, source: str = HERE) -> None:
    for n in range(times):
        with pytest.raises(InvalidKey):
            await authentication.authenticate(presented(f"sk-guess-{n}"), source)


async def refused(authentication: Keys, secret: str, source: str = HERE) -> TollgateError:
    with pytest.raises(TollgateError) as told:
        await authentication.authenticate(presented(secret), source)
    return told.value


async def test_after_ten_failures_a_minute_a_source_is_refused_without_a_look(
    stack: Stack, aws: FakeAws
) -> None:
    authentication = keys(stack)
    await guess(authentication)
    reads = len(aws.calls)
    told = await refused(authentication, "sk-one-more")
    assert (type(told), told.status, told.type) == (RateLimited, 429, "throttling_error")
    assert 58 <= int(told.headers["retry-after"]) <= 60
    assert len(aws.calls) == reads


async def test_other_sources_and_one_that_is_not_known_are_not_slowed(stack: Stack) -> None:
    await put(stack)
    authentication = keys(stack)
    await guess(authentication)
    assert await authentication.authenticate(presented(), THERE)
    await guess(authentication, 30, source="")


async def test_keys_that_this_process_knows_are_let_in_from_there(stack: Stack) -> None:
    await put(stack)
    authentication = keys(stack)
    for secret in (SECRET, MASTER_KEY):
        await authentication.authenticate(presented(secret), THERE)
    await guess(authentication)
    for secret in (SECRET, MASTER_KEY):
        assert await authentication.authenticate(presented(secret), HERE)


async def test_a_right_guess_is_slowed_like_a_wrong_one(stack: Stack) -> None:
    await put(stack)
    authentication = keys(stack)
    await guess(authentication)
    for secret in (SECRET, MASTER_KEY):
        assert isinstance(await refused(authentication, secret), RateLimited)


async def test_a_remembered_key_that_is_blocked_is_slowed_too(stack: Stack) -> None:
    await put(stack, blocked=True)
    authentication = keys(stack)
    await refused(authentication, SECRET)
    await guess(authentication, 10)
    assert isinstance(await refused(authentication, SECRET), RateLimited)


def test_a_source_is_free_again_when_it_was_told() -> None:
    clock = Clock()
    slowing = Slowing(clock)
    for n in range(11):
        slowing.check(HERE)
        slowing.failed(HERE)
        clock.now += n == 0 and 20  # the first is 20 s older than the others
    with pytest.raises(RateLimited) as told:
        slowing.check(HERE)
    assert told.value.headers == {"retry-after": "40"}
    clock.now += 39.5
    with pytest.raises(RateLimited) as told:
        slowing.check(HERE)
    assert told.value.headers == {"retry-after": "1"}
    clock.now += 0.5
    slowing.check(HERE)
    slowing.failed(HERE)
    with pytest.raises(RateLimited) as told:
        slowing.check(HERE)
    assert told.value.headers == {"retry-after": "20"}


def test_of_very_many_sources_the_longest_quiet_are_forgotten() -> None:
    slowing = Slowing(Clock())
    for _ in range(11):
        slowing.failed(HERE)
    for n in range(9_999):
        slowing.failed(f"source-{n}")
    with pytest.raises(RateLimited):
        slowing.check(HERE)
    slowing.failed("one-more")
    slowing.check(HERE)


async def test_failures_are_counted_and_name_no_key(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    await guess(keys(stack), 1)
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["AuthFailures"] == [1.0]
    assert "guess" not in line


async def test_the_proxy_slows_by_its_callers_address() -> None:
    async with proxying() as proxy:
        told = [await proxy.chat(authorization=f"Bearer sk-guess-{n}") for n in range(12)]
        assert [answer.status_code for answer in told] == [401] * 11 + [429]
        assert told[-1].json()["error"]["type"] == "throttling_error"
        assert 0 < int(told[-1].headers["retry-after"]) <= 60


async def test_behind_the_adapter_the_address_is_the_one_that_api_gateway_wrote() -> None:
    async with proxying() as proxy:
        trusted = "127.0.0.1"  # as run.sh says; the adapter is there
        app: Any = api
        behind: Any = ProxyHeadersMiddleware(app, trusted)
        transport = httpx2.ASGITransport(behind, client=(trusted, 123))
        async with httpx2.AsyncClient(transport=transport, base_url="http://gateway.test") as client:

            async def status(n: int, address: str) -> int:
                headers = presented(f"sk-guess-{n}") | {"x-forwarded-for": f"192.0.2.{n}, {address}"}
                return (await client.get("/v1/models", headers=headers)).status_code

            assert [await status(n, HERE) for n in range(12)] == [401] * 11 + [429]
            assert await status(12, THERE) == 401
        assert proxy.entries == []


async def test_the_proxy_wants_the_scope_proxy() -> None:
    async with proxying() as proxy:
        await put(proxy.stack, scopes=("usage:read",))
        answer = await proxy.chat(authorization=f"Bearer {SECRET}")
        assert (answer.status_code, answer.json()["error"]["type"]) == (401, "auth_error")
        assert "needs the scope proxy" in answer.json()["error"]["message"]
        assert proxy.provider.requests == []
        models = await proxy.client.get("/v1/models", headers=presented())
        assert models.status_code == 401


async def test_a_virtual_key_calls_and_is_booked_by_its_id() -> None:
    async with proxying() as proxy:
        key = await put(proxy.stack)
        assert (await proxy.chat(authorization=f"Bearer {SECRET}")).status_code == 200
        assert proxy.event.entry.key_id == key.key_id
