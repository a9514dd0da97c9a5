"""Refused calls are counted by reason, and a storm of them costs neither callers nor the table much."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest

from proxy import wiring
from proxy.api import api
from tests.builders import answers, chat_body
from tests.fakes import COUNTERS, FakeAws
from tests.proxying import Proxying, eventually, proxying
from tests.stack import Stack
from tollgate import tally
from tollgate.errors import BudgetExceeded, CustomerBlocked, UpstreamTimeout
from tollgate.gateway import Gateway
from tollgate.keys import secret_id
from tollgate.limits import Limits
from tollgate.storage.customers import Customer, Profile
from tollgate.storage.keys import Key, KeyProfile
from tollgate.storage.refusals import Refused
from tollgate.tally import RefusalTally

BODY = chat_body(user="acme", max_tokens=10)
BLOCKED = CustomerBlocked("Customer=acme is blocked.")
MONEY = BudgetExceeded("over budget")


def around() -> tuple[str, str]:
    """Today, and a day on either side, since a test may pass midnight."""
    now = datetime.now(UTC)
    return f"{now - timedelta(days=1):%Y-%m-%d}", f"{now + timedelta(days=1):%Y-%m-%d}"


async def added(found: AsyncIterator[Refused]) -> dict[str, int]:
    calls: dict[str, int] = {}
    async for one in found:
        calls[one.reason] = calls.get(one.reason, 0) + one.calls
    return calls


async def of(stack: Stack, customer_id: str) -> dict[str, int]:
    """A customer's refused calls by reason."""
    return await added(stack.refusals.of_customer(customer_id, *around()))


async def everybody(stack: Stack) -> dict[str, int]:
    """All refused calls by reason, as the table has them."""
    calls: dict[str, int] = {}
    for item in stack.aws.items(COUNTERS):
        if item["pk"]["S"].startswith("TR#"):
            reason = item["sk"]["S"].partition("#")[2]
            calls[reason] = calls.get(reason, 0) + int(item["refused_calls"]["N"])
    return calls


def writes(aws: FakeAws) -> list[dict[str, Any]]:
    """The updates of counters."""
    return [one for one in aws.called("UpdateItem") if one["TableName"] == COUNTERS]


async def make(stack: Stack, customer_id: str, limits: Limits | None = None, **profile: Any) -> None:
    one = Customer(customer_id, created_at=datetime.now(UTC), profile=Profile(limits=limits, **profile))
    await stack.database.transact([stack.customers.create(one)])


@asynccontextmanager
async def refusing(**choices: Any) -> AsyncIterator[tuple[Proxying, Gateway]]:
    """A proxy, and the gateway in it."""
    async with proxying(answers(), answers(), **choices) as proxy:
        yield proxy, api.dependency_overrides[wiring.gateway]()


@pytest.mark.parametrize(
    ("profile", "body", "reason"),
    [
        ({"limits": Limits(max_budget=Decimal(0))}, BODY, "budget_exceeded"),
        ({"limits": Limits(rpm_limit=0)}, BODY, "rpm_limit"),
        ({"limits": Limits(tpm_limit=0)}, BODY, "tpm_limit"),
        ({"limits": Limits(max_parallel_requests=0)}, BODY, "max_parallel_requests"),
        ({"blocked": True}, BODY, "customer_blocked"),
        ({"models": ("claude-*",)}, BODY, "customer_model_access_denied"),
        ({}, {**BODY, "model": "nobody-serves-this"}, "invalid_request_error"),
    ],
)
async def test_a_refused_call_is_counted_by_what_its_caller_is_told(
    profile: dict[str, Any], body: Any, reason: str
) -> None:
    async with refusing() as (proxy, gateway):
        await make(proxy.stack, "acme", **profile)
        for _ in range(2):
            assert (await proxy.chat(body)).status_code >= 400
        await gateway.close()
        assert await of(proxy.stack, "acme") == await everybody(proxy.stack) == {reason: 2}
        assert proxy.entries == []


async def test_a_rate_of_some_models_is_counted_as_a_rate() -> None:
    limits = Limits(model_max_budget={"gpt-4*": {"rpm_limit": 0}})  # type: ignore[dict-item]  # parsed
    async with refusing() as (proxy, gateway):
        await make(proxy.stack, "acme", limits)
        assert (await proxy.chat(BODY)).status_code == 429
        await gateway.close()
        assert await of(proxy.stack, "acme") == {"rpm_limit": 1}


async def test_a_body_that_names_nobody_is_counted_as_unassigned_or_for_the_customer_of_its_key() -> None:
    async with refusing() as (proxy, gateway):
        now, secret = datetime.now(UTC), "sk-of-zoe"
        own = Key(secret_id(secret), KeyProfile(customer_id="zoë"), now, "test", now, secret_id(secret))
        await proxy.stack.database.transact([proxy.stack.keys.create(own)])
        await proxy.chat(b"[]")
        await proxy.chat(b"[]", authorization=f"Bearer {secret}")
        await gateway.close()
        assert await of(proxy.stack, "") == await of(proxy.stack, "zoë") == {"invalid_request_error": 1}


async def test_strangers_and_failures_and_served_calls_write_nothing() -> None:
    async with refusing() as (proxy, gateway):
        assert (await proxy.chat(BODY, authorization="Bearer sk-of-a-stranger")).status_code == 401
        assert (await proxy.chat(BODY)).status_code == 200
        gateway._refusals.add("acme", UpstreamTimeout("too late"))  # noqa: SLF001 - what it raises
        await gateway.close()
        assert writes(proxy.stack.aws) == []


async def test_a_storm_of_refusals_is_two_writes_after_the_last_of_them_was_answered() -> None:
    async with refusing() as (proxy, gateway):
        await make(proxy.stack, "acme", blocked=True)
        await asyncio.gather(*(proxy.chat(BODY) for _ in range(200)))
        assert writes(proxy.stack.aws) == []
        await gateway.close()
        assert len(writes(proxy.stack.aws)) == 2
        assert await of(proxy.stack, "acme") == {"customer_blocked": 200}


async def test_a_call_refused_by_its_budget_costs_one_update_and_waits_for_no_other() -> None:
    async with refusing() as (proxy, _):
        await make(proxy.stack, "acme", Limits(max_budget=Decimal(0)))
        await proxy.chat(BODY)
        before = len(proxy.stack.aws.calls)
        await proxy.chat(BODY)
        assert [one.operation for one in proxy.stack.aws.calls[before:]] == ["UpdateItem"]


async def test_what_stands_is_written_by_itself_again_and_again(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "_PAUSE", 0.001)
    refusals = RefusalTally(stack.refusals, "UTC")
    refusals.add("acme", BLOCKED)
    await refusals.flush()
    for count in (4, 6):
        refusals.add("acme", BLOCKED)
        await eventually(lambda expected=count: len(writes(stack.aws)) == expected)  # type: ignore[misc]  # bound now
    assert await of(stack, "acme") == {"customer_blocked": 3}


async def test_while_the_table_cannot_be_reached_refusals_wait(
    stack: Stack, aws: FakeAws, monkeypatch: pytest.MonkeyPatch, log: StringIO
) -> None:
    monkeypatch.setattr(tally, "_PAUSE", 0.001)
    refusals = RefusalTally(stack.refusals, "UTC")
    aws.hang_up("UpdateItem", times=15)
    for customer_id in ("acme", "zoë", "acme"):
        refusals.add(customer_id, MONEY)
    await eventually(lambda: not aws.faults or not aws.faults[0].times)
    refusals.add("acme", BLOCKED)
    await eventually(lambda: len(aws.items(COUNTERS)) == 5)
    assert await of(stack, "acme") == {"budget_exceeded": 2, "customer_blocked": 1}
    assert await of(stack, "zoë") == {"budget_exceeded": 1}
    assert await everybody(stack) == {"budget_exceeded": 3, "customer_blocked": 1}
    assert log.getvalue().count("refused calls wait") == 3


async def test_a_counter_that_the_table_refuses_holds_up_no_other(
    stack: Stack, aws: FakeAws, log: StringIO
) -> None:
    refusals = RefusalTally(stack.refusals, "UTC")
    aws.fail("UpdateItem", "ValidationException", when=lambda payload: "acme" in str(payload))
    for customer_id in ("acme", "zoë"):
        refusals.add(customer_id, MONEY)
    for _ in range(2):
        await refusals.flush()
    assert (await of(stack, "acme"), await of(stack, "zoë")) == ({}, {"budget_exceeded": 1})
    assert await everybody(stack) == {"budget_exceeded": 2}
    assert log.getvalue().count("refused calls are lost") == 1


async def test_where_an_answer_was_lost_calls_may_count_twice_and_never_less(
    stack: Stack, aws: FakeAws
) -> None:
    refusals = RefusalTally(stack.refusals, "UTC")
    aws.hang_up("UpdateItem", applied=True, when=lambda payload: "acme" in str(payload))
    refusals.add("acme", MONEY)
    await refusals.flush()
    assert await of(stack, "acme") == {"budget_exceeded": 2}
    assert await everybody(stack) == {"budget_exceeded": 1}


async def test_of_more_customers_than_memory_is_for_only_the_total_counts(stack: Stack) -> None:
    refusals = RefusalTally(stack.refusals, "UTC")
    for number in range(2000):
        refusals.add(f"c{number}", MONEY)
    await refusals.flush()
    assert len(stack.aws.items(COUNTERS)) == 500
    assert await everybody(stack) == {"budget_exceeded": 2000}
    refusals.add("c1999", MONEY)
    await refusals.flush()
    assert await of(stack, "c1999") == {"budget_exceeded": 1}


async def test_a_process_that_ends_writes_what_stands_and_does_not_wait_long(
    stack: Stack, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "_LAST", 0.01)
    gateway = stack.gateway()
    monkeypatch.setitem(wiring._by_loop, asyncio.get_running_loop(), gateway)  # noqa: SLF001 - this loop's
    async with api.router.lifespan_context(api):
        gateway._refusals.add("acme", MONEY)  # noqa: SLF001 - as a call does
    assert await of(stack, "acme") == {"budget_exceeded": 1}
    aws.hold("UpdateItem")
    async with asyncio.timeout(2), api.router.lifespan_context(api):
        gateway._refusals.add("acme", MONEY)  # noqa: SLF001 - as a call does


async def test_a_day_is_one_of_the_reporting_zone(stack: Stack) -> None:
    """Of two zones a day apart, one has another day than UTC."""
    days = set()
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        refusals = RefusalTally(stack.refusals, zone)
        refusals.add(zone, MONEY)
        await refusals.flush()
        days |= {one.day async for one in stack.refusals.of_customer(zone, *around())}
    assert len(days) == 2
