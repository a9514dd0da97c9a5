"""Bad input about keys: the documented status, nothing half-written, and no secret told back."""

from io import StringIO
from typing import Any

import pytest

from tests.integration.managing import ADDRESS, asked_as, get, key, post
from tests.ministack import MASTER_KEY, Deployment
from tollgate.storage.codec import from_item

SECRET = "sk-of-somebody-who-mistyped"
ROUTES = ("generate", "update", "regenerate", "delete", "block", "unblock")


def everything(deployment: Deployment) -> list[Any]:
    """Every item of every table."""
    names = [name for variable, name in deployment.environment.items() if variable.endswith("_TABLE")]
    return [from_item(item) for name in names for item in deployment.dynamodb.scan(TableName=name)["Items"]]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("body", ["[]", '"x"', "null", "{", "5"])
def test_a_body_that_is_no_object_is_refused(deployment: Deployment, route: str, body: str) -> None:
    assert post(f"/key/{route}", body).status == 422
    assert everything(deployment) == []


@pytest.mark.parametrize(
    ("route", "body", "field"),
    [
        ("generate", {"scopes": ["root"]}, "scopes"),
        ("generate", {"duration": "soon"}, "duration"),
        ("generate", {"max_budget": "NaN"}, "max_budget"),
        ("generate", {"rpm_limit": -1}, "rpm_limit"),
        ("update", {"rpm_limit": 1}, "key"),
        ("update", {"key": [SECRET]}, "key"),
        ("update", {"key": SECRET, "duration": "1d", "expires": "2030-01-01T00:00:00Z"}, "body"),
        ("regenerate", {"key": SECRET, "grace_period": "-1h"}, "grace_period"),
        ("delete", {"keys": SECRET}, "keys"),
        ("delete", {"keys": [SECRET], "key_aliases": ["a"]}, "body"),
        ("block", {}, "key"),
    ],
)
def test_bad_values_are_told_by_their_field_and_not_told_back(
    deployment: Deployment, route: str, body: dict[str, Any], field: str
) -> None:
    answer = post(f"/key/{route}", body)
    assert answer.status == 422
    assert field in answer.body["detail"][0]["loc"][:2]
    assert answer.body["detail"][0]["input"] is None
    assert SECRET not in str(answer.body)
    assert everything(deployment) == []


def test_unknown_keys_and_tiers_are_not_found(deployment: Deployment) -> None:
    asked = {"update": {"key": SECRET}, "regenerate": {"key": SECRET}, "block": {"key": SECRET}}
    asked |= {"unblock": {"key": "0" * 64}, "generate": {"budget_id": "nowhere"}}
    told: dict[str, dict[str, Any]] = asked | {"delete": {"keys": [SECRET]}}
    for route, body in told.items():
        answer = post(f"/key/{route}", body)
        assert (answer.status, answer.body["error"]["type"]) == (404, "not_found")
        assert SECRET not in str(answer.body)
    assert get("/key/info", key=SECRET).status == 404
    assert everything(deployment) == []


def test_an_alias_that_is_taken_is_refused(deployment: Deployment) -> None:
    key(key_alias="prod")
    answer = post("/key/generate", {"key_alias": "prod"})
    assert (answer.status, answer.body["error"]["param"]) == (400, "key_alias")
    assert get("/key/list").body["total_count"] == 1


def test_no_secret_is_in_tables_logs_or_the_audit(
    deployment: Deployment, log: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    first = key(key_alias="prod", scopes=["admin"])["key"]
    assert asked_as(first, "/key/list").status == 200
    second = post("/key/regenerate", {"key": first, "grace_period": "1h"}).body["key"]
    for secret in (first, second, SECRET):
        asked_as(secret, "/key/list")
        post("/key/update", {"key": secret, "rpm_limit": 1})
        get("/key/info", key=secret)
    post("/key/block", {"key": second})
    asked_as(second, "/key/list")
    assert post("/key/delete", {"keys": [second, SECRET]}).status == 404
    told = str(get("/audit").body) + str(get("/key/list", return_full_object="true").body)
    kept = str(everything(deployment)) + told + log.getvalue() + capsys.readouterr().out
    post("/key/delete", {"keys": [second]})
    kept += str(everything(deployment))
    for secret in (first, second, SECRET, MASTER_KEY):
        assert secret.removeprefix("sk-")[:16] not in kept


def test_a_source_that_keeps_failing_is_told_when_to_come_again(deployment: Deployment) -> None:
    answers = [asked_as(f"sk-guess-{n}", "/key/list") for n in range(12)]
    assert [answer.status for answer in answers] == [401] * 11 + [429]
    assert answers[-1].body["error"]["type"] == "throttling_error"


def test_the_audit_says_who_what_when_and_from_where(deployment: Deployment) -> None:
    admin = key(scopes=["admin"])
    post("/customer/new", {"user_id": "acme", "max_budget": 1})
    post("/customer/update", {"user_id": "acme", "max_budget": 0})
    first = get("/audit", page_size=2).body
    assert [row["action"] for row in first["audit_logs"]] == ["customer.update", "customer.new"]
    row = first["audit_logs"][0]
    assert (row["object_type"], row["object_id"], row["source"]) == ("customer", "acme", ADDRESS)
    budgets = [
        row[value]["litellm_budget_table"]["max_budget"] for value in ("before_value", "updated_values")
    ]
    assert budgets == [1, 0]
    assert first["has_more"]
    second = get("/audit", page_size=2, cursor=first["next_cursor"]).body
    assert [row["object_id"] for row in second["audit_logs"]] == [admin["token"]]
    assert (second["has_more"], second["next_cursor"]) == (False, None)
    of_key = get("/audit", object_type="key", object_id=admin["token"]).body["audit_logs"]
    assert of_key == second["audit_logs"]
    for query, status in (({"cursor": "x"}, 400), ({"start_date": "x"}, 400), ({"page_size": 101}, 422)):
        assert get("/audit", **query).status == status
