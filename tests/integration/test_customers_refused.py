"""What bad input about customers gets: the documented status, the field by name, and nothing half-written."""

from typing import Any

import pytest

from tests.integration.managing import get, made, post, tier
from tests.integration.spending import Answer
from tests.ministack import Deployment

BOTH = "Value error, Set either 'max_budget' or 'budget_id', not both."


def written(deployment: Deployment) -> int:
    """How many items there are of customers and of the audit."""
    names = (deployment.tables.customers, deployment.environment["AUDIT_TABLE"])
    return sum(deployment.dynamodb.scan(TableName=name)["Count"] for name in names)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user_id", ""),
        ("user_id", "   "),
        ("user_id", 5),
        ("user_id", None),
        ("user_id", "x" * 257),
        ("max_budget", -1),
        ("max_budget", "NaN"),
        ("max_budget", "Infinity"),
        ("max_budget", 10**15),
        ("max_budget", "lots"),
        ("max_budget", True),
        ("max_budget", [1]),
        ("soft_budget", "0.0000000000001"),
        ("spend", -0.01),
        ("budget_duration", "fortnight"),
        ("budget_duration", "0d"),
        ("budget_duration", 30),
        ("rpm_limit", -1),
        ("tpm_limit", 1.5),
        ("max_parallel_requests", "many"),
        ("model_max_budget", []),
        ("budget_limits", [{"max_budget": -1}]),
        ("temp_budget_expiry", "soon"),
        ("mode", "lenient"),
        ("blocked", "perhaps"),
        ("allowed_model_region", "mars"),
        ("models", "gpt-4o"),
        ("models", ["gpt 4"]),
        ("metadata", "text"),
        ("metadata", {"x": "y" * 2048}),
        ("object_permission", []),
        ("alias", 5),
    ],
)
@pytest.mark.parametrize("path", ["/customer/new", "/customer/update"])
def test_a_bad_value_is_told_by_its_field(deployment: Deployment, path: str, field: str, value: Any) -> None:
    before = written(deployment)
    answer = post(path, {"user_id": "c"} | {field: value})
    assert answer.status == 422
    (fault,) = answer.body["detail"]
    assert fault["loc"][:2] == ["body", field]
    assert fault["msg"]
    assert written(deployment) == before


def test_what_is_missing_is_named(deployment: Deployment) -> None:
    missing = {"type": "missing", "loc": ["body", "user_id"], "msg": "Field required", "input": {}}
    assert post("/customer/new", {}) == Answer(422, {"detail": [missing]})


def test_both_budgets_are_refused_in_litellms_words(deployment: Deployment) -> None:
    tier(budget_id="gold", max_budget=1)
    body = {"user_id": "c", "max_budget": 0, "budget_id": "gold"}
    for path in ("/customer/new", "/customer/update"):
        answer = post(path, body)
        fault = {"type": "value_error", "loc": ["body"], "msg": BOTH, "input": body}
        assert answer == Answer(422, {"detail": [fault]})


@pytest.mark.parametrize(
    "body", ["[]", '[{"user_id": "c"}]', '"c"', "5", "null", "true", "", "{", "NaN", "{}x"]
)
@pytest.mark.parametrize("path", ["new", "update", "delete", "block", "unblock", "reset_spend"])
def test_a_body_that_is_no_object_is_refused(deployment: Deployment, path: str, body: str) -> None:
    answer = post(f"/customer/{path}", body)
    assert answer.status == 422
    assert answer.body["detail"][0]["loc"][0] == "body"
    assert written(deployment) == 0


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data", "text/csv", "a/b"]
)
def test_a_body_of_another_kind_is_refused(deployment: Deployment, kind: str) -> None:
    answer = post("/customer/new", "user_id=c", content_type=kind)
    assert (answer.status, answer.body["error"]["code"]) == (415, "415")


@pytest.mark.parametrize("ids", [[], "c", [5], [""], ["x" * 257], [f"c{n}" for n in range(51)], None])
@pytest.mark.parametrize("path", ["delete", "block", "unblock"])
def test_bad_lists_of_ids_are_refused(deployment: Deployment, path: str, ids: Any) -> None:
    answer = post(f"/customer/{path}", {"user_ids": ids})
    assert answer.status == 422
    assert answer.body["detail"][0]["loc"][:2] == ["body", "user_ids"]


def test_a_tier_or_a_model_that_is_not_there_is_named(deployment: Deployment) -> None:
    made(user_id="c")
    before = written(deployment)
    for path, customer in (("/customer/new", "d"), ("/customer/update", "c")):
        unknown = post(path, {"user_id": customer, "budget_id": "gold"})
        assert (unknown.status, unknown.body["error"]["param"]) == (404, "budget_id")
        unserved = post(path, {"user_id": customer, "default_model": "o99"})
        assert (unserved.status, unserved.body["error"]["param"]) == (422, "default_model")
    assert written(deployment) == before


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"page": 0}, "page"),
        ({"page": "x"}, "page"),
        ({"page_size": 0}, "page_size"),
        ({"page_size": 101}, "page_size"),
        ({"search": "x" * 513}, "search"),
    ],
)
def test_a_page_out_of_bounds_is_refused(deployment: Deployment, query: dict[str, Any], field: str) -> None:
    answer = get("/customer/list", **query)
    assert answer.status == 422
    assert answer.body["detail"][0]["loc"] == ["query", field]


def test_a_cursor_that_was_changed_is_refused(deployment: Deployment) -> None:
    for cursor in ("x", "é", "AAAA", "W10="):
        answer = get("/customer/list", cursor=cursor)
        assert answer.status == 400
        assert "cursor" in answer.body["detail"]["error"]


def test_without_a_key_or_with_a_wrong_one_nothing_is_done(deployment: Deployment) -> None:
    for headers, kind in (
        ({"authorization": ""}, "auth_error"),
        ({"authorization": "Bearer sk-x"}, "token_not_found_in_db"),
    ):
        answer = post("/customer/new", {"user_id": "c"}, **headers)
        assert (answer.status, answer.body["error"]["type"]) == (401, kind)
    assert written(deployment) == 0
