"""Limits as a caller of the proxy meets them: refused before anything is sent, told why, and what is left."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import answers, chat_body
from tests.calling import catalogue
from tests.fakes import CUSTOMERS
from tests.proxying import Proxying, proxying, told, untouched
from tollgate.ids import instant
from tollgate.limits import Limits
from tollgate.records import SpendEvent
from tollgate.storage.customers import Customer, Profile

BODY = chat_body(user="acme", max_tokens=10)


async def allow(proxy: Proxying, limits: Limits | None = None, **profile: Any) -> None:
    """Make the customer."""
    customers = proxy.stack.customers
    made = Customer("acme", created_at=datetime.now(UTC), profile=Profile(limits=limits, **profile))
    await proxy.stack.database.transact([customers.create(made)])


async def test_who_is_out_of_money_is_refused_before_anything_is_sent() -> None:
    async with proxying() as proxy:
        await allow(proxy, Limits(max_budget=Decimal("0.0000001"), budget_duration="1d"))
        answer = await proxy.chat(BODY)
        assert untouched(proxy)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["code"]) == (422, "budget_exceeded", "422")
    assert error["message"].startswith("ExceededBudget: End User=acme over budget. Spend=0, Budget=0.0000001")
    named = {"limit_source", "scope", "limit", "spent", "held", "resets_at", "limit_type", "estimate"}
    assert named <= error.keys()
    assert answer.headers["x-should-retry"] == "false"


@pytest.mark.parametrize("status", [402, 400, 429])
async def test_the_deployment_chooses_the_status_of_a_spent_budget(status: int) -> None:
    async with proxying(budget_exceeded_status=status) as proxy:
        await allow(proxy, Limits(max_budget=Decimal(0)))
        answer = await proxy.chat(BODY)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, str(status))


async def test_on_anthropics_path_a_refusal_has_anthropics_envelope() -> None:
    async with proxying(answers(), answers()) as proxy:
        await allow(proxy, Limits(rpm_limit=1))
        body = {"model": "claude-opus-5", "max_tokens": 5, "messages": BODY["messages"]}
        for _ in range(2):
            answer = await proxy.chat(body, path="/v1/messages", x_litellm_customer_id="acme")
    assert answer.status_code == 429
    assert answer.json()["error"]["type"] == "rate_limit_error"
    assert int(answer.headers["retry-after"]) <= 60


async def test_a_served_call_says_what_is_left_and_is_settled_when_counted() -> None:
    async with proxying() as proxy:
        await allow(proxy, Limits(max_budget=Decimal(1), rpm_limit=5, tpm_limit=10**6))
        answer = await proxy.chat(BODY)
        assert answer.status_code == 200
        entry = proxy.event.entry
        held = entry.held
        assert entry.started_at == instant(entry.request_id), "one clock says which window it is of"
        assert Decimal(answer.headers["x-tollgate-budget-remaining"]) == 1 - held
        assert answer.headers["x-ratelimit-end_user-remaining-requests"] == "4"
        assert answer.headers["x-ratelimit-end_user-limit-tokens"] == "1000000"
        await proxy.stack.record()
        customer = await proxy.stack.customers.get("acme")
    assert customer is not None
    charge = Decimal(answer.headers["x-litellm-response-cost"])
    assert (customer.spend, customer.wallet.holds, charge < held) == (charge, {}, True)


async def test_a_blocked_customer_is_refused_whichever_way_it_is_named() -> None:
    async with proxying() as proxy:
        await allow(proxy, blocked=True)
        by_body, by_header = await proxy.chat(BODY), await proxy.chat(x_litellm_customer_id="acme")
        assert untouched(proxy)
    assert told(by_body) == told(by_header) == (403, "customer_blocked", "user")


async def test_a_customer_is_blocked_at_once_when_it_has_limits() -> None:
    async with proxying(answers(), answers(), policy_ttl_seconds=60) as proxy:
        await allow(proxy, Limits(max_budget=Decimal(1)))
        assert (await proxy.chat(BODY)).status_code == 200
        found = await proxy.stack.customers.get("acme")
        assert found is not None
        blocked = Profile(limits=Limits(max_budget=Decimal(1)), blocked=True)
        change = proxy.stack.customers.change(found, blocked, datetime.now(UTC))
        await proxy.stack.database.transact([change])
        assert (await proxy.chat(BODY)).status_code == 403


async def test_a_model_that_the_customer_may_not_use() -> None:
    async with proxying() as proxy:
        await allow(proxy, models=("claude-*",))
        answer = await proxy.chat(BODY)
        assert untouched(proxy)
    assert told(answer) == (403, "customer_model_access_denied", "model")


async def test_a_call_without_a_model_is_for_the_customers_default() -> None:
    async with proxying() as proxy:
        await allow(proxy, default_model="gpt-4o-mini")
        answer = await proxy.chat({"messages": BODY["messages"], "user": "acme"})
        assert answer.status_code == 200, answer.text
        assert proxy.sent["model"] == "gpt-4o-mini"


async def test_when_the_store_cannot_be_asked_whoever_may_have_limits_is_refused() -> None:
    async with proxying() as proxy:
        proxy.stack.aws.fail("GetItem", "AccessDeniedException", times=9)
        assert told(await proxy.chat(BODY)) == (503, "store_unavailable", None)
        assert untouched(proxy)


async def test_when_the_store_cannot_be_asked_whoever_had_no_limits_is_served() -> None:
    async with proxying(answers(), answers(), policy_ttl_seconds=0) as proxy:
        await allow(proxy)
        assert (await proxy.chat(BODY)).status_code == 200
        proxy.stack.aws.fail("GetItem", "AccessDeniedException", times=9)
        assert (await proxy.chat(BODY)).status_code == 200


async def test_when_the_wallet_cannot_be_written_the_call_is_not_made() -> None:
    async with proxying() as proxy:
        await allow(proxy, Limits(max_budget=Decimal(1)))
        proxy.stack.aws.fail("UpdateItem", "AccessDeniedException")
        assert told(await proxy.chat(BODY)) == (503, "store_unavailable", None)
        assert untouched(proxy)


async def test_a_hold_is_taken_back_when_the_entry_cannot_be_opened() -> None:
    async with proxying() as proxy:
        await allow(proxy, Limits(max_budget=Decimal(1)))
        proxy.stack.aws.fail("PutItem", "AccessDeniedException", times=2)
        proxy.stack.aws.fail("SendMessage", "AccessDeniedException", times=2)
        first = await proxy.chat(BODY)
        second = await proxy.chat(BODY)  # by now it is known that the ledger takes nothing
        assert {first.status_code, second.status_code} == {503}
        held = [name for item in proxy.stack.aws.items(CUSTOMERS) for name in item if name.startswith("h#")]
        assert len(held) <= 1, "the second's is returned; the first was under way"


async def test_each_attempt_holds_for_itself_and_what_failed_first_is_not_held_against_the_next() -> None:
    """Both cannot be held at once: the second is admitted because the ledger says what the first cost."""
    price = {"input": Decimal(1), "output": Decimal(10)}
    both = {"name": "best", "provider": "one", "model": "m1", "weight": 10**9, "prices": price}
    models = catalogue(
        {"one": {"base_url": "https://one.test/v1"}}, both, {**both, "model": "m2", "weight": 1}
    )
    async with proxying(answers(b"{}", 500), answers(), models=models) as proxy:
        await allow(proxy, Limits(max_budget=Decimal("0.00015")))
        answer = await proxy.chat({**BODY, "model": "best"})
        costs = [(entry.entry.held, entry.charge) for entry in proxy.entries if isinstance(entry, SpendEvent)]
    assert answer.status_code == 200, answer.text
    (first, nothing), (second, _) = sorted(costs, key=lambda cost: cost[1])
    assert nothing == 0
    assert max(first, second) <= Decimal("0.00015") < first + second
