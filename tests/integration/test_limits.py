"""Limits under parallel calls, by the real proxy: as many are admitted as fit, and the books agree."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx2
import pytest

from tests import limits
from tests.functions import acting_as
from tests.integration.conftest import Gateway
from tests.limits import burst, statuses
from tests.ministack import deploy
from tests.processes import Server
from tests.real_proxy import forget, proxy, stored

FIT = 10
CALLS = 200


@pytest.fixture(scope="module")
def limited(emulator: str, provider: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    deployment, log = deploy(emulator), tmp_path_factory.mktemp("proxy") / "log"
    changes = {"MAX_END_USER_BUDGET_ID": "free", "POLICY_TTL_SECONDS": "1"}
    with proxy(deployment, provider, log, changes=changes) as server:
        yield Gateway(deployment, provider, server)


@pytest.fixture
def gateway(limited: Gateway) -> Iterator[Gateway]:
    forget(limited.provider)
    with acting_as({**limited.deployment.environment, "MAX_END_USER_BUDGET_ID": "free"}):
        yield limited
    assert "Traceback" not in limited.proxy.said()


@pytest.fixture
async def estimate(gateway: Gateway) -> Decimal:
    """What is held for one call of those that are made here."""
    name = f"estimate-{time.monotonic_ns()}"
    limits.customer(name, max_budget=Decimal(1000))
    async with gateway.client() as client:
        (answer,) = await burst([client], 1, name, slow_first_byte_s=0)
    return Decimal(stored(gateway.deployment, answer.headers["x-litellm-call-id"])["held"])


def settled(gateway: Gateway, customer_id: str, limit: Decimal, kind: str = "ever") -> None:
    """Once all is counted: nothing is held, and spent is what the ledger says, and within the limit."""
    gateway.balanced()
    wallet = limits.wallet(customer_id)
    assert (wallet.holds, wallet.in_flight) == ({}, frozenset())
    spent = limits.booked(gateway.deployment, customer_id)
    assert limits.used(customer_id, kind) == limits.spend(customer_id) == spent
    assert 0 < spent <= limit


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_first_calls_of_an_unseen_customer(
    gateway: Gateway, estimate: Decimal, *, stream: bool
) -> None:
    customer_id = f"unseen-{stream}"
    limit = estimate * FIT
    if not stream:
        limits.tier("free", max_budget=limit)
    async with gateway.client() as client:
        answers = await burst([client], CALLS, customer_id, stream=stream)
    assert statuses(answers) == {200: FIT, 422: CALLS - FIT}
    settled(gateway, customer_id, limit)


async def test_calls_of_a_known_customer(gateway: Gateway, estimate: Decimal) -> None:
    limits.customer("known", max_budget=estimate * FIT, budget_duration="1d")
    async with gateway.client() as client:
        answers = await burst([client], CALLS, "known")
    assert statuses(answers) == {200: FIT, 422: CALLS - FIT}
    told = next(answer.json()["error"] for answer in answers if answer.status_code == 422)
    assert (told["type"], told["code"], told["scope"]) == ("budget_exceeded", "422", "end_user")
    assert told["resets_at"].endswith("T00:00:00Z")
    settled(gateway, "known", estimate * FIT, "1d")


async def test_a_customers_and_a_keys_budget_at_once(gateway: Gateway, estimate: Decimal) -> None:
    limits.customer("both", max_budget=estimate * FIT)
    key = limits.key("sk-of-seven", max_budget=estimate * 7)
    async with gateway.client() as client:
        answers = await burst([client], 60, "both", headers={"authorization": key})
    assert statuses(answers) == {200: 7, 422: 53}
    settled(gateway, "both", estimate * 7)


async def test_a_window_that_changes_in_the_middle(gateway: Gateway, estimate: Decimal) -> None:
    """The calls of the window before are still under way, and take nothing from the next one."""
    limits.customer("window", max_budget=estimate * FIT, budget_duration="3s")
    async with gateway.client() as client:
        at_the_start_of(3)
        first = asyncio.create_task(burst([client], 100, "window", slow_first_byte_s=5))
        await asyncio.to_thread(at_the_start_of, 3)
        second = await burst([client], 100, "window", slow_first_byte_s=1)
        assert statuses(await first) == statuses(second) == {200: FIT, 422: 90}
    settled(gateway, "window", estimate * FIT * 2, "3s")


def at_the_start_of(seconds: int) -> None:
    """Wait until a window of so many seconds has just begun."""
    time.sleep(seconds - time.time() % seconds + 0.05)


async def test_requests_a_minute_at_the_edge(gateway: Gateway) -> None:
    limits.customer("rpm", rpm_limit=17)
    in_the_first_half_of_a_minute()
    async with gateway.client() as client:
        answers = await burst([client], 100, "rpm", slow_first_byte_s=0)
    assert statuses(answers) == {200: 17, 429: 83}
    refused = next(answer for answer in answers if answer.status_code == 429)
    ends = datetime.strptime(refused.headers["reset_at"], "%Y-%m-%d %H:%M:%S %Z").replace(tzinfo=UTC)
    left = (ends - datetime.now(UTC)) // timedelta(seconds=1)
    assert left <= int(refused.headers["retry-after"]) <= left + 2, (
        "true to the second, and a second of waiting"
    )
    assert min(int(a.headers["x-ratelimit-end_user-remaining-requests"]) for a in served(answers)) == 0


async def test_tokens_a_minute_at_the_edge(gateway: Gateway) -> None:
    in_the_first_half_of_a_minute()
    limits.customer("tpm-a", tpm_limit=10**6)
    async with gateway.client() as client:
        (one,) = await burst([client], 1, "tpm-a", slow_first_byte_s=0)
        tokens = int(stored(gateway.deployment, one.headers["x-litellm-call-id"])["held_tokens"])
        limits.customer("tpm-b", tpm_limit=tokens * 5 + tokens - 1)
        answers = await burst([client], 100, "tpm-b")
    assert statuses(answers) == {200: 5, 429: 95}


async def test_calls_at_once_at_the_edge(gateway: Gateway) -> None:
    limits.customer("parallel", max_parallel_requests=12)
    async with gateway.client() as client:
        answers = await burst([client], 100, "parallel")
        assert statuses(answers) == {200: 12, 429: 88}
        again = await burst([client], 12, "parallel", slow_first_byte_s=0)
        assert statuses(again) == {200: 12}, "every place is free as soon as its call is over"
    gateway.balanced()
    assert limits.wallet("parallel").in_flight == frozenset()


def served(answers: list[httpx2.Response]) -> list[httpx2.Response]:
    return [answer for answer in answers if answer.status_code == 200]


def in_the_first_half_of_a_minute() -> None:
    """What is counted by the minute must not be cut by the next one."""
    second = datetime.now(UTC).second
    if second > 45:
        time.sleep(60 - second + 0.1)
