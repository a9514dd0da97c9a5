"""Calls that the real proxy refuses, as the usage function tells of them."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests import limits
from tests.integration.conftest import Gateway
from tests.integration.spending import ask
from tests.limits import statuses
from tests.processes import Server, eventually
from tests.real_proxy import chat, client_of, proxy
from tollgate import rest
from tollgate.keys import Caller

CALLS = 40


def refusals(**query: str) -> Any:
    """Today's, and a day's on either side, since a test may pass midnight."""
    now = datetime.now(UTC)
    start, end = (f"{now + timedelta(days=n):%Y-%m-%d}" for n in (-1, 1))
    answer = ask("/customer/refusals", {"start_date": start, "end_date": end, **query})
    assert answer.status == 200, answer.body
    return answer.body


def by_reason(customer_id: str) -> dict[str, int]:
    """A customer's refused calls by reason."""
    return {one["id"]: one["total"] for one in refusals(end_user_ids=customer_id)["series"]}


async def calls(server: Server, customer_id: str, count: int = CALLS, **choices: Any) -> dict[int, int]:
    async with client_of(server) as client:
        many = (chat(client, customer_id, **choices) for _ in range(count))
        return statuses(list(await asyncio.gather(*many)))


async def test_refused_calls_are_told_by_reason_once_they_are_written(gateway: Gateway) -> None:
    limits.customer("poor", max_budget=0)
    limits.customer("hasty", rpm_limit=0)
    before = refusals()["total"]
    assert await calls(gateway.proxy, "poor") == {422: CALLS}
    assert await calls(gateway.proxy, "hasty", stream=True) == {429: CALLS}
    assert await calls(gateway.proxy, "hasty", 2, model="nobody-serves-this") == {400: 2}
    eventually(lambda: refusals()["total"] >= before + 2 * CALLS + 2, "all are written")
    assert by_reason("poor") == {"budget_exceeded": CALLS}
    assert by_reason("hasty") == {"rpm_limit": CALLS, "invalid_request_error": 2}
    gateway.balanced()


async def test_a_proxy_that_is_stopped_writes_what_it_has_refused(gateway: Gateway, tmp_path: Path) -> None:
    limits.customer("last", max_budget=0)
    with proxy(gateway.deployment, gateway.provider, tmp_path / "log") as other:
        assert await calls(other, "last", 3) == {422: 3}
        assert by_reason("last") == {}
    assert by_reason("last") == {"budget_exceeded": 3}


async def test_strangers_leave_nothing(gateway: Gateway, tmp_path: Path) -> None:
    before = refusals()["total"]
    with proxy(gateway.deployment, gateway.provider, tmp_path / "log") as other:
        async with httpx2.AsyncClient(base_url=other.url, trust_env=False) as stranger:
            for _ in range(3):
                headers = {"authorization": "Bearer sk-of-nobody"}
                answer = await stranger.post("/v1/chat/completions", json={"user": "x"}, headers=headers)
                assert answer.status_code == 401
    assert refusals()["total"] == before


async def test_a_key_for_one_customer_sees_its_refusals_only(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    limits.customer("mine", max_budget=0)
    limits.customer("theirs", max_budget=0)
    with proxy(gateway.deployment, gateway.provider, tmp_path / "log") as other:
        await calls(other, "mine", 1)
        await calls(other, "theirs", 2)

    async def only_mine(*_: Any) -> Caller:
        return Caller("k", frozenset({"usage:read:mine"}))

    monkeypatch.setattr(rest, "_authenticate", only_mine)
    assert refusals()["total"] == 1
    days = {"start_date": "2026-03-01", "end_date": "2026-03-01"}
    assert ask("/customer/refusals", {**days, "end_user_ids": "theirs"}).status == 401
    refused = ask("/end_user/refusals", {**days, "tz": "Europe/Rome"})
    assert (refused.status, "ask with tz=UTC" in str(refused.body)) == (400, True)
