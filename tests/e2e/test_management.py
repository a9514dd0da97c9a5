"""Customers and tiers managed through the deployed API, by functions that may do what their roles allow."""

from decimal import Decimal

import httpx2

from tests.e2e.running import post
from tests.processes import eventually


def test_a_customers_life(api: httpx2.Client) -> None:
    post(api, "budget/new", {"budget_id": "e2e", "max_budget": "0.10", "budget_duration": "1d"})
    made = post(api, "customer/new", {"user_id": "life/1", "budget_id": "e2e", "default_model": "gpt-4o"})
    assert made["litellm_budget_table"]["max_budget"] == Decimal("0.10")
    assert post(api, "end_user/update", {"user_id": "life/1", "rpm_limit": 0})["budget_id"] is None
    assert post(api, "customer/block", {"user_ids": ["life/1", "life/2"]})["blocked_users"][1]["blocked"]
    assert not post(api, "customer/unblock", {"user_ids": ["life/1"]})["blocked_users"][0]["blocked"]
    assert post(api, "customer/reset_spend", {"user_id": "life/1"})["spend"] == 0
    assert api.get("customer/info", params={"end_user_id": "life/1"}).json()["default_model"] == "gpt-4o"
    assert post(api, "customer/delete", {"user_ids": ["life/1", "life/2"]})["deleted_customers"] == 2
    assert api.get("customer/info", params={"end_user_id": "life/1"}).status_code == 404


def test_many_customers_are_made_and_listed(api: httpx2.Client) -> None:
    rows = "user_id,alias\n" + "".join(f"many-{n:03},Many\n" for n in range(120))
    answer = api.post("customer/bulk", content=rows, headers={"content-type": "text/csv"})
    assert (answer.status_code, answer.json()["created"]) == (200, 120)

    def listed() -> bool:
        page = api.get("customer/list", params={"search": "MANY", "page_size": 100})
        return page.status_code == 200 and page.headers["x-total-count"] == "120"

    eventually(listed, "the directory lists them")
    first = api.get("customer/list", params={"search": "many", "page_size": 100})
    cursor = first.headers["x-next-cursor"]
    second = api.get("customer/list", params={"page_size": 100, "cursor": cursor}).json()
    ids = [customer["user_id"] for customer in [*first.json(), *second]]
    assert ids == [f"many-{n:03}" for n in range(120)]


def test_a_tiers_life(api: httpx2.Client) -> None:
    post(api, "budget/new", {"budget_id": "tier", "max_budget": 5})
    assert post(api, "budget/update", {"budget_id": "tier", "max_budget": 0})["max_budget"] == 0
    assert [row["budget_id"] for row in post(api, "budget/info", {"budgets": ["tier"]})] == ["tier"]
    assert "tier" in [row["budget_id"] for row in api.get("budget/list").json()]
    assert api.get("budget/settings", params={"budget_id": "tier"}).json()[0]["field_value"] == 0
    assert api.get("management/v1/budgets").json()["data"][0]["budget_id"] == "tier"
    assert post(api, "budget/delete", {"id": "tier"})["budget_id"] == "tier"
    assert api.get("budget/settings", params={"budget_id": "tier"}).json()[0]["field_value"] is None
