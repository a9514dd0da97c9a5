"""The customers and usage functions, called with API Gateway's events, over tables on the emulator."""

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.spending import (
    CHAT,
    MARCH,
    RANGE,
    SMALL,
    Answer,
    Spent,
    activity,
    ask,
    spend_of,
    usd,
    write,
)
from tests.ministack import Deployment

ACME = {
    "2026-03-02": {"acme": Decimal("0.100025")},
    "2026-03-01": {"acme": usd("0.000025", SMALL)},
}


def test_a_customers_info_is_exact(deployment: Deployment) -> None:
    write(Spent("2026-03-01", "acme", CHAT, SMALL), Spent("2026-03-02", "acme", CHAT, "123"))
    for path in ("/customer/info", "/end_user/info"):
        answer = ask(path, {"end_user_id": "acme"})
        assert answer == Answer(
            200,
            {
                "user_id": "acme",
                "blocked": False,
                "alias": None,
                "spend": usd("123", SMALL),
                "allowed_model_region": None,
                "default_model": None,
                "models": [],
                "budget_id": None,
                "litellm_budget_table": None,
                "object_permission_id": None,
                "object_permission": None,
                "metadata": None,
                "created_at": "2026-03-02T10:30:00.000Z",
                "updated_at": None,
                "last_seen_at": "2026-03-02T10:30:00.000Z",
                "limits_source": "",
                "budgets": [],
            },
        )


def test_named_customers_days_newest_first(deployment: Deployment) -> None:
    write(*MARCH)
    body = activity(end_user_ids="acme")
    assert spend_of(body) == ACME
    assert [day["date"] for day in body["results"]] == ["2026-03-02", "2026-03-01"]
    first = body["results"][1]["breakdown"]
    assert set(first["models"]) == {"gpt-4o", "claude-x"}
    assert set(first["entities"]["acme"]["api_key_breakdown"]) == {"first-key", "other-key"}
    assert body["metadata"]["total_spend"] == usd("0.10005", SMALL)
    assert body["metadata"]["total_prompt_tokens"] == 400
    assert ask("/end_user/daily/activity", RANGE | {"end_user_ids": "acme"}).body == body


EVERYBODY = {
    "2026-03-31": {"Doe, John": Decimal(7)},
    "2026-03-02": {"acme": Decimal("0.100025"), "Unassigned": Decimal("0.2"), " Unassigned": Decimal("0.3")},
    "2026-03-01": {"acme": usd("0.000025", SMALL), "zoë": Decimal(1)},
}


def test_everybody_is_the_sum_of_all_customers(deployment: Deployment) -> None:
    write(*MARCH)
    body = activity()
    assert spend_of(body) == EVERYBODY
    spends = {day["date"]: day["metrics"]["spend"] for day in body["results"]}
    assert spends == {
        "2026-03-31": Decimal(7),
        "2026-03-02": Decimal("0.600025"),
        "2026-03-01": usd("1.000025", SMALL),
    }
    assert body["metadata"]["total_api_requests"] == 8
    assert body["metadata"]["total_spend"] == usd("8.60005", SMALL)


def test_excluded_customers_are_in_no_number(deployment: Deployment) -> None:
    write(*MARCH)
    body = activity(exclude_end_user_ids='acme,"Doe, John"')
    assert spend_of(body) == {
        "2026-03-02": {"Unassigned": Decimal("0.2"), " Unassigned": Decimal("0.3")},
        "2026-03-01": {"zoë": Decimal(1)},
    }
    assert body["metadata"]["total_spend"] == Decimal("1.5")
    assert [set(day["breakdown"]["models"]) for day in body["results"]] == [{"gpt-4o"}, {"gpt-4o"}]


def test_the_unassigned_can_be_asked_for_and_excluded(deployment: Deployment) -> None:
    write(*MARCH)
    named = {"Unassigned": Decimal("0.2"), " Unassigned": Decimal("0.3")}
    assert spend_of(activity(end_user_ids="Unassigned")) == {"2026-03-02": named}
    assert activity(exclude_end_user_ids="Unassigned")["metadata"]["total_api_requests"] == 6


@pytest.mark.parametrize("by", [{"model": "claude-x"}, {"api_key": "other-key"}])
def test_a_model_or_key_filters_every_number_of_everybody(deployment: Deployment, by: dict[str, str]) -> None:
    write(*MARCH)
    body = activity(**by)
    assert spend_of(body) == {"2026-03-31": {"Doe, John": Decimal(7)}, "2026-03-01": {"acme": Decimal(SMALL)}}
    assert body["metadata"]["total_spend"] == usd("7", SMALL)
    assert body["metadata"]["total_api_requests"] == 2


@pytest.mark.parametrize("named", [{}, {"end_user_ids": ["acme", "Unassigned", "zoë", '"Doe, John"']}])
def test_pages_hold_whole_days_and_complete_totals(deployment: Deployment, named: dict[str, Any]) -> None:
    write(*MARCH)
    whole = activity(**named)
    pages = [activity(page=page, page_size=2, **named) for page in (1, 2, 3)]
    assert pages[0]["results"] + pages[1]["results"] == whole["results"]
    assert pages[2]["results"] == []
    assert [page["metadata"]["has_more"] for page in pages] == [True, False, False]
    numbers = {
        name: value
        for name, value in whole["metadata"].items()
        if name not in ("page", "total_pages", "has_more")
    }
    assert all(page["metadata"].items() >= numbers.items() for page in pages)
    assert {page["metadata"]["total_pages"] for page in pages} == {2}


def test_customers_carry_their_aliases(deployment: Deployment) -> None:
    write(*MARCH)
    deployment.dynamodb.update_item(
        TableName=deployment.tables.customers,
        Key={"customer_id": {"S": "acme"}},
        UpdateExpression="SET #alias = :alias",
        ExpressionAttributeNames={"#alias": "alias"},
        ExpressionAttributeValues={":alias": {"S": "Acme Inc."}},
    )
    for query in ({}, {"end_user_ids": "acme,zoë"}):
        entities = activity(**query)["results"][-1]["breakdown"]["entities"]
        aliases = {name: one["metadata"]["alias"] for name, one in entities.items()}
        assert aliases == {"acme": "Acme Inc.", "zoë": None}
    assert ask("/customer/info", {"end_user_id": "acme"}).body["alias"] == "Acme Inc."


def test_nothing_spent_is_an_empty_page(deployment: Deployment) -> None:
    for query in ({}, {"end_user_ids": "nobody"}, {"end_user_ids": "x" * 300}):
        body = activity(**query)
        assert body["results"] == []
        assert (body["metadata"]["total_spend"], body["metadata"]["total_pages"]) == (0, 1)
