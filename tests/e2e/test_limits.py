"""Limits of the deployed gateway, set and read through its own API."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx2

from tests.e2e.running import Deployed, answered, post
from tests.processes import eventually

ESTIMATE = Decimal("0.001")  # USD: more than one of these calls may cost


def call(api: httpx2.Client, customer: str, **fields: Any) -> httpx2.Response:
    messages = [{"role": "user", "content": "How much is left?"}]
    body = {"model": "gpt-4o-mini", "messages": messages, "user": customer, "max_tokens": 20, **fields}
    return api.post("v1/chat/completions", json=body)


def budget(api: httpx2.Client, customer: str) -> Any:
    (found,) = info(api, customer)["budgets"]
    return found


def info(api: httpx2.Client, customer: str) -> Any:
    return answered(api.get("customer/info", params={"end_user_id": customer}))


def test_a_budget_refuses_and_admits_as_it_is_changed(api: httpx2.Client) -> None:
    post(api, "customer/new", {"user_id": "spender", "max_budget": 0, "budget_duration": "1d"})
    refused = call(api, "spender")
    assert (refused.status_code, refused.json()["error"]["type"]) == (422, "budget_exceeded")
    assert refused.headers["x-should-retry"] == "false"
    post(api, "customer/update", {"user_id": "spender", "max_budget": str(ESTIMATE)})
    admitted = call(api, "spender")
    assert admitted.status_code == 200, admitted.text
    assert 0 < Decimal(admitted.headers["x-tollgate-budget-remaining"]) < ESTIMATE
    eventually(lambda: budget(api, "spender")["spent"] > 0, "the call is counted", within=20)
    found = budget(api, "spender")
    assert (found["held"], found["max_budget"], found["budget_duration"]) == (0, ESTIMATE, "1d")
    assert found["spent"] == Decimal(admitted.headers["x-litellm-response-cost"])


def test_refused_calls_are_counted(api: httpx2.Client) -> None:
    """What one invocation refused is written beside the next."""
    post(api, "customer/new", {"user_id": "refused", "max_budget": 0})
    today = datetime.now(UTC)
    days = {"start_date": f"{today:%Y-%m-%d}", "end_date": f"{today + timedelta(days=1):%Y-%m-%d}"}

    def counted() -> Any:
        assert call(api, "refused").status_code == 422
        time.sleep(0.5)
        return answered(api.get("customer/refusals", params={**days, "end_user_ids": "refused"}))["series"]

    eventually(counted, "refused calls are written", within=20)
    assert [one["id"] for one in counted()] == ["budget_exceeded"]


def test_the_books_of_a_wallet_that_began_late(api: httpx2.Client) -> None:
    """A limit that comes after calls knows what they cost."""
    assert call(api, "latecomer").status_code == 200
    spent = "spend of the customer is counted"
    eventually(lambda: api.get("customer/info?end_user_id=latecomer").json().get("spend"), spent, within=20)
    post(api, "customer/update", {"user_id": "latecomer", "max_budget": 1, "budget_duration": "1mo"})
    before = budget(api, "latecomer")
    assert before["spent"] == info(api, "latecomer")["spend"] > 0
    time.sleep(6)  # a warm function that took the customer for one without limits has read it anew
    assert call(api, "latecomer").status_code == 200
    eventually(lambda: budget(api, "latecomer")["spent"] > before["spent"], "both are counted", within=20)


def test_a_blocked_customer_and_a_key_of_few_models(api: httpx2.Client, stack: Deployed) -> None:
    made = post(api, "key/generate", {"models": ["gpt-4o"], "customer_id": "bound", "rpm_limit": 1})
    headers = {"authorization": f"Bearer {made['key']}"}
    with httpx2.Client(base_url=stack.url, headers=headers, timeout=30) as key:
        assert call(key, "whoever").status_code == 403
        served = call(key, "whoever", model="gpt-4o")
        assert (served.status_code, served.headers["x-litellm-customer-id"]) == (200, "bound")
        second = call(key, "whoever", model="gpt-4o")
        assert second.status_code in (200, 429)  # the next minute may just have begun
        assert key.get("customer/list").status_code == 401
    post(api, "customer/block", {"user_ids": ["bound"]})
    time.sleep(6)
    with httpx2.Client(base_url=stack.url, headers=headers, timeout=30) as key:
        blocked = call(key, "whoever", model="gpt-4o")
        assert (blocked.status_code, blocked.json()["error"]["type"]) == (403, "customer_blocked")
