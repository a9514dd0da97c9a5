"""Tiers through the real handler: LiteLLM's rows, statuses and words."""

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.managing import audited, get, post, tier
from tests.integration.spending import Answer
from tests.ministack import Deployment

ROW = {
    "budget_id": "gold",
    "soft_budget": None,
    "max_budget": Decimal("10.5"),
    "max_parallel_requests": 4,
    "tpm_limit": None,
    "rpm_limit": 0,
    "tpd_limit": None,
    "model_max_budget": {
        "gpt-4*": {"max_budget": 1, "budget_duration": "1d", "tpm_limit": None, "rpm_limit": 5}
    },
    "budget_duration": "1d",
    "budget_limits": [{"max_budget": 100, "budget_duration": "1mo"}],
    "allowed_models": [],
    "temp_budget_increase": None,
    "temp_budget_expiry": None,
    "mode": "observe",
}


def told(message: str, status: int = 400) -> Answer:
    return Answer(status, {"detail": {"error": message}})


def test_a_tier_is_made_read_changed_and_deleted(deployment: Deployment) -> None:
    model = {"gpt-4*": {"max_budget": 1, "budget_duration": "1d", "rpm_limit": 5}}
    row = tier(**ROW | {"model_max_budget": model, "max_budget": "10.50"})
    assert row.items() >= ROW.items()
    assert row["budget_reset_at"].endswith("T00:00:00.000Z")
    assert row["created_at"] == row["updated_at"]
    assert row["created_by"] == row["updated_by"]
    assert get("/budget/list") == post("/budget/info", {"budgets": ["gold", "silver"]}) == Answer(200, [row])
    changed = post("/budget/update", {"budget_id": "gold", "rpm_limit": None, "max_budget": 0}).body
    assert (changed["rpm_limit"], changed["max_budget"], changed["budget_duration"]) == (None, 0, "1d")
    assert post("/budget/delete", {"id": "gold"}) == Answer(200, changed)
    assert get("/budget/list") == Answer(200, [])
    actions = [record.action for record in audited("budget", "gold")]
    assert actions == ["budget.new", "budget.update", "budget.delete"]


def test_duplicates_and_unknown_ids(deployment: Deployment) -> None:
    tier(budget_id="X")
    assert post("/budget/new", {"budget_id": "X"}) == told("Budget with id 'X' already exists.")
    for answer in (post("/budget/update", {"budget_id": "Y"}), post("/budget/delete", {"id": "Y"})):
        assert (answer.status, answer.body["error"]["type"]) == (404, "not_found")
    assert post("/budget/info", {"budgets": []}).status == 400
    assert {field["field_value"] for field in get("/budget/settings", budget_id="Y").body} == {None}


@pytest.mark.parametrize("path", ["/budget/new", "/budget/update"])
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"max_budget": Decimal("-1.0")}, "max_budget must be a non-negative finite number. Received: -1.0"),
        ({"soft_budget": "NaN"}, "soft_budget must be a non-negative finite number. Received: NaN"),
        (
            {"budget_duration": "X"},
            "Invalid budget_duration 'X'. Use a format like '1h', '24h', '7d', or '30d'.",
        ),
        (
            {"model_max_budget": {"o1": {"max_budget": -1}}},
            "max_budget must be a non-negative finite number. Received: -1",
        ),
    ],
)
def test_bad_money_and_durations_in_litellms_words(
    deployment: Deployment, path: str, fields: dict[str, Any], message: str
) -> None:
    assert post(path, {"budget_id": "gold"} | fields) == told(message)
    assert get("/budget/list").body == []


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/budget/new", {"rpm_limit": -1}, "rpm_limit"),
        ("/budget/new", {"budget_id": ""}, "budget_id"),
        ("/budget/new", {"budget_id": "x" * 257}, "budget_id"),
        ("/budget/update", {"max_budget": 1}, "budget_id"),
        ("/budget/delete", {}, "id"),
        ("/budget/info", {"budgets": "gold"}, "budgets"),
    ],
)
def test_other_bad_values_are_told_by_their_field(
    deployment: Deployment, path: str, body: dict[str, Any], field: str
) -> None:
    answer = post(path, body)
    assert answer.status == 422
    assert answer.body["detail"][0]["loc"] == ["body", field]


@pytest.mark.parametrize("body", ["[]", '"x"', "null", "", "{"])
def test_a_body_that_is_no_object_is_refused(deployment: Deployment, body: str) -> None:
    for path in ("new", "update", "delete", "info"):
        assert post(f"/budget/{path}", body).status == 422


def test_a_sorted_page(deployment: Deployment) -> None:
    for name, amount in (("a", 2), ("b", None), ("c", 30)):
        tier(budget_id=name, max_budget=amount)
    found = get("/management/v1/budgets", sort="-max_budget", page_size=2).body
    assert [row["budget_id"] for row in found["data"]] == ["c", "a"]
    assert (found["meta"]["total"], found["meta"]["has_more"]) == (3, True)
    assert found["data"][0].keys() == {
        "budget_id",
        "max_budget",
        "soft_budget",
        "tpm_limit",
        "rpm_limit",
        "tpd_limit",
        "budget_duration",
        "budget_reset_at",
        "created_at",
        "updated_at",
    }
    newest = get("/management/v1/budgets").body["data"]
    assert [row["budget_id"] for row in newest] == ["c", "b", "a"]


def test_bad_parameters_of_a_page_are_a_problem(deployment: Deployment) -> None:
    answer = get("/management/v1/budgets", sort="colour")
    assert answer.status == answer.body["status"] == 422
    assert answer.body["detail"].startswith("sort: ")
