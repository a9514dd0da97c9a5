"""Tiers as management makes, changes, shows and deletes them."""

from decimal import Decimal
from typing import Any

import pytest

from tests.builders import KEY_ID, NOON
from tests.fakes import FakeAws
from tests.managing import budgets, created, customers, records, stored, tier, tier_updated
from tests.stack import Stack
from tollgate.errors import NotFound, Told
from tollgate.queries.budget_rows import BudgetPage, Sorting, page_of, settings_of
from tollgate.queries.budget_table import Clock

CLOCK = Clock(NOON, "UTC")


async def test_a_tier_without_an_id_gets_one_and_is_whole(stack: Stack) -> None:
    shown = await tier(stack, max_budget=1, budget_duration="weekly", budget_reset_at="2030-01-01T00:00:00Z")
    assert len(shown["budget_id"]) == 36
    assert (shown["created_by"], shown["updated_by"]) == (KEY_ID, KEY_ID)
    assert (shown["budget_duration"], shown["budget_reset_at"]) == ("weekly", "2026-05-11T00:00:00.000Z")


async def test_an_id_that_is_taken_is_refused(stack: Stack) -> None:
    await tier(stack, budget_id="gold", max_budget=1)
    with pytest.raises(Told, match=r"^Budget with id 'gold' already exists\.$"):
        await tier(stack, budget_id="gold", max_budget=2)
    gold = await stack.budgets.get("gold")
    assert gold is not None
    assert gold.limits.max_budget == 1


async def test_an_update_writes_what_was_sent_only(stack: Stack) -> None:
    await tier(stack, budget_id="gold", max_budget=5, rpm_limit=3, tpm_limit=10)
    shown = await tier_updated(stack, budget_id="gold", max_budget=0, rpm_limit=None)
    assert (shown["max_budget"], shown["rpm_limit"], shown["tpm_limit"]) == (0, None, 10)
    with pytest.raises(NotFound):
        await tier_updated(stack, budget_id="silver", max_budget=0)


async def test_two_updates_at_once_are_both_made(stack: Stack, aws: FakeAws) -> None:
    await tier(stack, budget_id="gold")
    aws.meanwhile(lambda: tier_updated(stack, budget_id="gold", rpm_limit=1), operation="TransactWriteItems")
    shown = await tier_updated(stack, budget_id="gold", tpm_limit=2)
    assert (shown["rpm_limit"], shown["tpm_limit"]) == (1, 2)


async def test_deleting_a_tier_leaves_its_customers_their_link(stack: Stack) -> None:
    await tier(stack, budget_id="gold", max_budget=5)
    await created(stack, budget_id="gold")
    assert (await budgets(stack).delete("gold"))["max_budget"] == 5
    with pytest.raises(NotFound):
        await budgets(stack).delete("gold")
    (shown,) = await customers(stack).block(["acme"])
    assert (shown["budget_id"], shown["litellm_budget_table"]) == ("gold", None)
    assert (await stored(stack)).profile.budget_id == "gold"
    found = await records(stack, "budget", "gold")
    assert [(r.action, bool(r.before), bool(r.after)) for r in found] == [
        ("budget.new", False, True),
        ("budget.delete", True, False),
    ]


async def test_a_form_shows_values_of_a_tier_and_nothing_of_an_unknown_one(stack: Stack) -> None:
    await tier(stack, budget_id="gold", max_budget=5)
    fields = settings_of(await stack.budgets.get("gold"), CLOCK)
    assert len(fields) == 8
    by_name = {field["field_name"]: field for field in fields}
    assert (by_name["max_budget"]["field_value"], by_name["max_budget"]["stored_in_db"]) == (5, True)
    assert (by_name["rpm_limit"]["field_value"], by_name["rpm_limit"]["stored_in_db"]) == (None, False)
    assert {field["field_value"] for field in settings_of(None, CLOCK)} == {None}


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("max_budget", ["b", "a", "c"]),
        ("-max_budget", ["a", "b", "c"]),
        ("-budget_id", ["c", "b", "a"]),
        ("budget_duration", ["a", "b", "c"]),
        ("rpm_limit", ["a", "b", "c"]),
    ],
)
async def test_a_page_is_sorted_with_the_unset_last(stack: Stack, sort: Sorting, order: list[str]) -> None:
    await tier(stack, budget_id="a", max_budget=Decimal("10.5"))
    await tier(stack, budget_id="b", max_budget=2)
    await tier(stack, budget_id="c", tpm_limit=1)
    found = [budget async for budget in stack.budgets.all()]
    assert [row["budget_id"] for row in page_of(found, BudgetPage(sort=sort), CLOCK)["data"]] == order


async def test_pages_say_where_they_are(stack: Stack) -> None:
    for name in "abc":
        await tier(stack, budget_id=name)
    found = [budget async for budget in stack.budgets.all()]
    first: Any = page_of(found, BudgetPage(sort="budget_id", page_size=2), CLOCK)
    last: Any = page_of(found, BudgetPage(sort="budget_id", page=2, page_size=2), CLOCK)
    assert [len(first["data"]), len(last["data"])] == [2, 1]
    assert (first["meta"]["total"], first["meta"]["has_more"], last["meta"]["has_more"]) == (3, True, False)
    assert first["links"]["next"] == last["links"]["self"]
    assert (first["links"]["prev"], last["links"]["next"]) == (None, None)
