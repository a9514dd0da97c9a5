"""Keys through the real handler: LiteLLM's shapes and statuses, and what the keys then open."""

from typing import Any

import pytest

from tests.integration.managing import asked_as, audited, get, key, made, post, tier
from tests.integration.spending import MARCH, RANGE, spend_of, write
from tests.ministack import Deployment

ROW = {
    "key_alias": "prod",
    "spend": 0,
    "scopes": ["proxy", "usage:read:acme"],
    "customer_id": "acme",
    "models": ["gpt-4o*"],
    "metadata": {"team": "a"},
    "blocked": False,
    "rpm_limit": 3,
    "budget_duration": "1mo",
    "budget_id": None,
    "litellm_budget_table": None,
    "last_used_at": None,
}
PATHS = ("/customer/info", "/end_user/info", "/customer/daily/activity", "/end_user/daily/activity")


def test_a_keys_life(deployment: Deployment) -> None:
    named = ("key_alias", "scopes", "customer_id", "models", "metadata", "rpm_limit", "budget_duration")
    row = key(**{name: ROW[name] for name in named}, duration="30d")
    secret, key_id = row["key"], row["token"]
    assert row.items() >= ROW.items()
    assert (len(key_id), row["token_id"]) == (64, key_id)
    info = get("/key/info", key=secret)
    assert (info.status, info.body["key"]) == (200, key_id)
    assert info.body["info"] == {n: v for n, v in row.items() if n not in ("key", "token", "token_id")}
    assert get("/key/info", key=key_id) == info
    changed = post("/key/update", {"key": secret, "rpm_limit": 0, "models": None}).body
    assert (changed["key"], changed["rpm_limit"], changed["models"]) == (key_id, 0, [])
    assert post("/key/block", {"key": key_id}).body["blocked"]
    assert not post("/key/unblock", {"key": secret}).body["blocked"]
    again = post("/key/regenerate", {"key": secret, "grace_period": "1h"}).body
    assert (again["token"], again["key"] == secret) == (key_id, False)
    assert post("/key/delete", {"keys": [again["key"]]}).body == {"deleted_keys": [key_id]}
    assert get("/key/info", key=secret).status == 404
    verbs = ["generate", "update", "block", "unblock", "regenerate", "delete"]
    assert [record.action for record in audited("key", key_id)] == [f"key.{verb}" for verb in verbs]


def test_a_key_opens_what_its_scopes_say(deployment: Deployment) -> None:
    made(user_id="acme")
    admin, usage, proxy = key(scopes=["admin"]), key(scopes=["usage:read"]), key()
    for path in ("/customer/list", "/budget/list", "/key/list", "/key/info", "/audit"):
        answers = [asked_as(one["key"], path) for one in (admin, usage, proxy)]
        assert [answer.status for answer in answers] == [200, 401, 401]
        assert answers[1].body["error"]["type"] == "auth_error"
        assert "needs the scope admin" in answers[1].body["error"]["message"]
    assert asked_as(admin["key"], "/key/info").body["key"] == admin["token"]
    info = [asked_as(one["key"], "/customer/info", end_user_id="acme") for one in (admin, usage, proxy)]
    assert [answer.status for answer in info] == [200, 200, 401]


def test_any_key_may_ask_what_it_may_do(deployment: Deployment) -> None:
    bound = key(key_alias="page", scopes=["usage:read:acme"], customer_id="acme", duration="30d")
    answer = asked_as(bound["key"], "/key/self")
    assert (answer.status, answer.body) == (
        200,
        {
            "key_alias": "page",
            "key_name": bound["key_name"],
            "scopes": ["usage:read:acme"],
            "customer_id": "acme",
            "master": False,
            "expires": bound["expires"],
            "reporting_timezone": "UTC",
            "hourly_retention_days": 35,
            "version": "0.1.0",
        },
    )
    assert asked_as(key()["key"], "/key/self").body["scopes"] == ["proxy"]


def test_the_master_key_is_told_as_one_without_a_name(deployment: Deployment) -> None:
    told = get("/key/self").body
    assert (told["master"], told["scopes"], told["customer_id"]) == (True, ["admin"], None)
    assert (told["key_alias"], told["key_name"], told["expires"]) == (None, None, None)


def test_a_key_that_is_none_is_told_nothing_of_itself(deployment: Deployment) -> None:
    blocked = key()
    post("/key/block", {"key": blocked["token"]})
    assert [asked_as(secret, "/key/self").status for secret in ("sk-nobody", blocked["key"])] == [401, 401]


def test_the_master_key_has_no_row(deployment: Deployment) -> None:
    assert get("/key/info").status == 404


def test_a_blocked_a_deleted_and_an_expired_key_open_nothing(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    expired = key(scopes=["admin"], expires="2026-01-01T00:00:00Z")
    blocked, deleted = key(scopes=["admin"], blocked=True), key(scopes=["admin"])
    post("/key/delete", {"keys": [deleted["token"]]})
    answers = [asked_as(one["key"], "/key/list") for one in (expired, blocked, deleted)]
    assert [answer.status for answer in answers] == [401, 401, 401]
    types = [answer.body["error"]["type"] for answer in answers]
    assert types == ["expired_key", "auth_error", "token_not_found_in_db"]
    assert "blocked" in answers[1].body["error"]["message"]


def test_who_reads_one_customers_usage_reads_nobody_elses(deployment: Deployment) -> None:
    write(*MARCH)
    secret = key(scopes=["usage:read:acme", "usage:read:Doe, John"])["key"]
    for path in PATHS[2:]:
        everybody = spend_of(asked_as(secret, path, **RANGE).body)
        assert {name for day in everybody.values() for name in day} == {"acme", "Doe, John"}
        one = spend_of(asked_as(secret, path, **RANGE, end_user_ids="acme").body)
        assert {name for day in one.values() for name in day} == {"acme"}
        others: Any = ("zoë", "acme,zoë", "Unassigned")
        for ids in others:
            answer = asked_as(secret, path, **RANGE, end_user_ids=ids)
            assert (answer.status, answer.body["error"]["type"]) == (401, "auth_error")
        rest = spend_of(asked_as(secret, path, **RANGE, exclude_end_user_ids="acme,zoë").body)
        assert {name for day in rest.values() for name in day} == {"Doe, John"}
    for path in PATHS[:2]:
        asked = [
            asked_as(secret, path, end_user_id=one).status for one in ("acme", " acme ", "zoë", "nobody")
        ]
        assert asked == [200, 200, 401, 401]


def test_a_bound_key_reads_its_own_customers_usage(deployment: Deployment) -> None:
    write(*MARCH)
    secret = key(scopes=["usage:read"], customer_id="acme")["key"]
    found = spend_of(asked_as(secret, PATHS[2], **RANGE).body)
    assert {name for day in found.values() for name in day} == {"acme"}
    assert asked_as(secret, "/customer/info", end_user_id="zoë").status == 401


def test_a_list_has_pages_of_ids_or_of_rows(deployment: Deployment) -> None:
    tier(budget_id="gold", max_budget=5)
    made_keys = [key(key_alias=f"k{n}", budget_id="gold") for n in range(5)]
    ids = sorted(one["token"] for one in made_keys)
    first = get("/key/list", size=2).body
    assert first == {"keys": ids[:2], "total_count": 5, "current_page": 1, "total_pages": 3}
    assert get("/key/list", size=2, page=3).body["keys"] == ids[4:]
    assert get("/key/list", page=9).body["keys"] == []
    (row,) = get("/key/list", key_alias="k3", return_full_object="true").body["keys"]
    assert (row["token"], row["litellm_budget_table"]["max_budget"]) == (made_keys[3]["token"], 5)
    assert get("/key/list", key_alias="k").body["total_count"] == 0
    for query in ({"size": 101}, {"size": 0}, {"page": 0}, {"size": "x"}):
        assert get("/key/list", **query).status == 422
