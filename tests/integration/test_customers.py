"""Customers through the real handler: LiteLLM's shapes, statuses and words, under both names."""

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.managing import ADDRESS, audited, get, info, made, post, stored, tier
from tests.integration.spending import CHAT, Answer, Spent, write
from tests.ministack import Deployment
from tollgate.money import loads

IDS = ["a/b c", "zoë 😀", "x" * 256, '"quoted", id', "new\nline", "a\x00b"]


def not_found(message: str, param: str) -> Answer:
    error = {"message": message, "type": "not_found", "param": param, "code": "404"}
    return Answer(404, {"error": error})


def test_a_new_customer_has_litellms_shape(deployment: Deployment) -> None:
    shown = made(user_id="c1", max_budget=10.0, budget_duration="30d")
    times = [shown.pop("created_at"), shown["litellm_budget_table"].pop("created_at")]
    assert shown["litellm_budget_table"].pop("budget_reset_at").endswith("-01T00:00:00.000Z")
    assert times[0] == times[1]
    table: dict[str, Any] = {
        "budget_id": None,
        "soft_budget": None,
        "max_budget": 10,
        "max_parallel_requests": None,
        "tpm_limit": None,
        "rpm_limit": None,
        "tpd_limit": None,
        "model_max_budget": None,
        "budget_duration": "30d",
        "budget_limits": [],
        "allowed_models": [],
        "temp_budget_increase": None,
        "temp_budget_expiry": None,
        "mode": "strict",
    }
    assert shown == {
        "user_id": "c1",
        "blocked": False,
        "alias": None,
        "spend": 0,
        "allowed_model_region": None,
        "default_model": None,
        "models": [],
        "budget_id": None,
        "litellm_budget_table": table,
        "object_permission_id": None,
        "object_permission": None,
        "metadata": None,
        "updated_at": None,
        "last_seen_at": None,
    }


@pytest.mark.parametrize("customer_id", IDS)
def test_every_id_can_be_made_found_changed_and_deleted(deployment: Deployment, customer_id: str) -> None:
    made(user_id=f" {customer_id} ", alias="a")
    assert post("/customer/update", {"user_id": customer_id, "alias": "b"}).body["alias"] == "b"
    assert info(f"{customer_id} ")["alias"] == "b"
    assert [customer["user_id"] for customer in get("/customer/list").body] == [customer_id]
    assert post("/customer/delete", {"user_ids": [customer_id]}) == Answer(
        200,
        {
            "deleted_customers": 1,
            "message": f"Successfully deleted customers with ids: {[customer_id]}",
        },
    )
    assert get("/customer/info", end_user_id=customer_id).status == 404


@pytest.mark.parametrize("name", ["/customer", "/end_user"])
def test_both_names_do_the_same(deployment: Deployment, name: str) -> None:
    assert post(f"{name}/new", {"user_id": "c", "max_budget": 1}).status == 200
    assert (
        post(f"{name}/update", {"user_id": "c", "max_budget": 0}).body["litellm_budget_table"]["max_budget"]
        == 0
    )
    assert post(f"{name}/block", {"user_ids": ["c"]}).body["blocked_users"][0]["blocked"] is True
    assert post(f"{name}/unblock", {"user_ids": ["c"]}).body["blocked_users"][0]["blocked"] is False
    assert post(f"{name}/reset_spend", {"user_id": "c"}).body["spend"] == 0
    assert post(f"{name}/bulk", [{"user_id": "d"}]).body["created"] == 1
    assert len(get(f"{name}/list").body) == 2
    assert get(f"{name}/info", end_user_id="c").status == 200
    assert post(f"{name}/delete", {"user_ids": ["c", "d"]}).body["deleted_customers"] == 2


def test_a_duplicate_is_refused_in_litellms_words(deployment: Deployment) -> None:
    made(user_id="X")
    message = "Customer already exists, passed user_id=X. Please pass a new user_id."
    error = {"message": message, "type": "bad_request", "param": "user_id", "code": "400"}
    assert post("/customer/new", {"user_id": "X"}) == Answer(400, {"error": error})


def test_who_is_not_there_is_not_found_in_litellms_words(deployment: Deployment) -> None:
    made(user_id="there")
    told = "End User Id=X does not exist in db"
    assert get("/customer/info", end_user_id="X") == not_found(told, "end_user_id")
    assert post("/customer/update", {"user_id": "X"}) == not_found(told, "user_id")
    assert post("/customer/reset_spend", {"user_id": "X"}) == not_found(told, "user_id")
    missing = not_found("End User Id(s)=a, b do not exist in db", "user_ids")
    assert post("/customer/delete", {"user_ids": ["a", "there", "b"]}) == missing
    assert post("/customer/unblock", {"user_ids": ["a", "there", "b"]}) == missing
    assert info("there")["blocked"] is False


def test_a_customer_that_was_made_by_its_first_call_is_managed_as_any(deployment: Deployment) -> None:
    write(Spent("2026-03-02", "seen", CHAT, "1.25"))
    assert post("/customer/new", {"user_id": "seen"}).status == 400
    shown = post("/customer/update", {"user_id": "seen", "alias": "S", "rpm_limit": 0}).body
    assert (shown["spend"], shown["alias"], shown["litellm_budget_table"]["rpm_limit"]) == (
        Decimal("1.25"),
        "S",
        0,
    )
    assert shown["last_seen_at"] == "2026-03-02T10:30:00.000Z"
    assert post("/customer/reset_spend", {"user_id": "seen"}).body["spend"] == 0
    write(Spent("2026-03-02", "seen", CHAT, "0.5"))
    assert (info("seen")["spend"], info("seen")["alias"]) == (Decimal("0.5"), "S")


def test_a_shared_tier_is_copied_and_never_changed(deployment: Deployment) -> None:
    tier(budget_id="gold", max_budget=5, tpm_limit=100)
    made(user_id="a", budget_id="gold")
    made(user_id="b", budget_id="gold")
    mine = post("/customer/update", {"user_id": "a", "max_budget": "9.5"}).body
    assert (mine["budget_id"], mine["litellm_budget_table"]["max_budget"]) == (None, Decimal("9.5"))
    assert mine["litellm_budget_table"]["tpm_limit"] == 100
    assert info("b")["litellm_budget_table"]["max_budget"] == 5
    assert post("/budget/info", {"budgets": ["gold"]}).body[0]["max_budget"] == 5
    post("/budget/update", {"budget_id": "gold", "max_budget": 7})
    assert [info(name)["litellm_budget_table"]["max_budget"] for name in ("a", "b")] == [Decimal("9.5"), 7]
    again = post("/customer/update", {"user_id": "a", "budget_id": "gold"}).body
    assert (again["budget_id"], again["litellm_budget_table"]["max_budget"]) == ("gold", 7)


def test_the_audit_tells_who_changed_what_from_where(deployment: Deployment) -> None:
    made(user_id="c", spend=3)
    post("/customer/reset_spend", {"user_id": "c"})
    post("/customer/delete", {"user_ids": ["c"]})
    found = audited("customer", "c")
    assert [record.action for record in found] == ["customer.new", "customer.reset_spend", "customer.delete"]
    assert {record.source for record in found} == {ADDRESS}
    spends: list[Any] = [loads(record.after)["spend"] for record in found if record.after]
    assert spends == [3, 0]


def test_a_balance_to_begin_with_is_kept_apart_from_what_is_spent(deployment: Deployment) -> None:
    made(user_id="c", spend="0.10")
    found = stored("c")
    assert found is not None
    assert found.opening is not None
    assert (found.spend, found.opening.amount) == (Decimal("0.1"), Decimal("0.1"))
    write(Spent("2026-03-02", "c", CHAT, "0.5"))
    assert info("c")["spend"] == Decimal("0.6")
