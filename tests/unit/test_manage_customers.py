"""Customers as management makes and changes them, and the record that each change leaves."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tests.builders import KEY_ID, NOON, event
from tests.fakes import FakeAws
from tests.managing import created, customers, fields, records, stored, tier, updated
from tests.stack import Stack
from tests.sums_by_hand import closed_in
from tollgate.errors import AlreadyThere, Conflict, NotFound, Unprocessable
from tollgate.limits import Limits
from tollgate.money import loads

EVERYTHING: dict[str, Any] = {
    "alias": "Acme Inc.",
    "blocked": True,
    "max_budget": 0,
    "allowed_model_region": "eu",
    "default_model": "gpt-4o",
    "models": ["gpt-4o", "o1*"],
    "object_permission": {"mcp_servers": ["a"]},
    "metadata": {"rate": Decimal("1.10"), "tags": ["x"]},
}


async def test_a_new_customer_is_kept_as_it_was_named(stack: Stack) -> None:
    shown = await created(stack, **EVERYTHING)
    limits = shown.pop("litellm_budget_table")
    assert limits["max_budget"] == 0
    assert shown.items() >= {n: v for n, v in EVERYTHING.items() if n != "max_budget"}.items()
    assert (shown["created_at"], shown["updated_at"]) == ("2026-05-04T12:00:00.000Z", None)
    again = await customers(stack).block(["acme"])  # blocked already: nothing is written
    assert again == [shown | {"litellm_budget_table": limits}]
    assert len(await records(stack, "customer", "acme")) == 1


async def test_a_duplicate_is_refused_and_changes_nothing(stack: Stack) -> None:
    await created(stack, alias="first")
    with pytest.raises(AlreadyThere, match="already exists, passed user_id=acme") as caught:
        await created(stack, alias="second")
    assert (caught.value.status, caught.value.param) == (400, "user_id")
    assert (await stored(stack)).alias == "first"
    assert len(await records(stack, "customer", "acme")) == 1


async def test_an_update_changes_what_it_names_zeros_and_nulls_included(stack: Stack) -> None:
    await created(stack, **EVERYTHING | {"max_budget": 5, "rpm_limit": 9})
    shown = await updated(stack, blocked=False, max_budget=0, alias=None, models=[], metadata=None)
    assert (shown["blocked"], shown["alias"], shown["models"], shown["metadata"]) == (False, None, [], None)
    assert shown["default_model"] == "gpt-4o"
    assert (shown["litellm_budget_table"]["max_budget"], shown["litellm_budget_table"]["rpm_limit"]) == (0, 9)
    assert shown["updated_at"] == "2026-05-04T12:01:00.000Z"
    assert (await updated(stack, max_budget=None, rpm_limit=None))["litellm_budget_table"] is None


async def test_setting_a_limit_on_a_shared_tier_copies_it_and_leaves_the_tier_alone(stack: Stack) -> None:
    await tier(stack, budget_id="gold", max_budget=5, rpm_limit=3)
    await created(stack, budget_id="gold")
    await created(stack, user_id="other", budget_id="gold")
    shown = await updated(stack, max_budget=9)
    limits = shown["litellm_budget_table"]
    assert (shown["budget_id"], limits["budget_id"], limits["max_budget"], limits["rpm_limit"]) == (
        None,
        None,
        9,
        3,
    )
    (other,) = await customers(stack).block(["other"])
    assert (other["budget_id"], other["litellm_budget_table"]["max_budget"]) == ("gold", 5)
    gold = await stack.budgets.get("gold")
    assert gold is not None
    assert gold.limits == Limits(max_budget=Decimal(5), rpm_limit=3)


async def test_naming_a_tier_drops_own_limits_and_null_leaves_it(stack: Stack) -> None:
    await tier(stack, budget_id="gold", max_budget=5)
    await created(stack, max_budget=1, rpm_limit=2)
    on_tier = await updated(stack, budget_id="gold", max_budget=None)
    assert on_tier["budget_id"] == on_tier["litellm_budget_table"]["budget_id"] == "gold"
    assert (await stored(stack)).profile.limits is None
    left = await updated(stack, budget_id=None)
    assert (left["budget_id"], left["litellm_budget_table"]) == (None, None)
    assert "budget_id" not in str(stack.aws.items("customers")[0].keys())


async def test_a_tier_with_a_limit_beside_it_is_a_copy_with_that_limit(stack: Stack) -> None:
    await tier(stack, budget_id="gold", max_budget=5, rpm_limit=3)
    shown = await created(stack, budget_id="gold", rpm_limit=0)
    limits = shown["litellm_budget_table"]
    assert (shown["budget_id"], limits["max_budget"], limits["rpm_limit"]) == (None, 5, 0)


async def test_what_is_not_there_is_refused(stack: Stack, aws: FakeAws) -> None:
    with pytest.raises(NotFound, match="Budget id=gold"):
        await created(stack, budget_id="gold")
    with pytest.raises(Unprocessable, match="default_model o9"):
        await created(stack, default_model="o9")
    with pytest.raises(NotFound, match="End User Id=acme does not exist in db"):
        await updated(stack, alias="x")
    assert not aws.items("customers")
    assert not aws.items("audit")


async def test_a_profile_too_large_for_its_item_is_refused(stack: Stack) -> None:
    names = [f"model-{n:03}{'x' * 119}" for n in range(100)]
    with pytest.raises(Unprocessable, match="over 16384"):
        await created(
            stack, models=names, metadata={"notes": "x" * 1900}, object_permission={"a": "x" * 1900}
        )


async def test_delete_is_all_or_nothing(stack: Stack) -> None:
    await created(stack)
    await created(stack, user_id="b")
    with pytest.raises(NotFound, match=r"End User Id\(s\)=c, d do not exist in db"):
        await customers(stack).delete(["acme", "c", "b", "d"])
    await customers(stack).delete(["acme", "b"])
    assert not stack.aws.items("customers")


async def test_blocking_makes_who_was_never_seen_and_unblocking_does_not(stack: Stack) -> None:
    await closed_in(stack, [seen := event(customer_id="seen")])
    await stack.counting().count([seen])
    shown = await customers(stack).block(["seen", "new"])
    assert [(c["user_id"], c["blocked"]) for c in shown] == [("seen", True), ("new", True)]
    assert (await stored(stack, "seen")).spend == seen.charge
    with pytest.raises(NotFound, match=r"End User Id\(s\)=never do not exist in db"):
        await customers(stack).unblock(["new", "never"])
    assert (await stored(stack, "new")).blocked
    assert [c["blocked"] for c in await customers(stack).unblock(["new", "seen"])] == [False, False]


async def test_each_change_leaves_who_what_and_from_where(stack: Stack) -> None:
    await created(stack, alias="a")
    await updated(stack, alias="b")
    await updated(stack, alias="b")  # changes nothing
    await customers(stack).block(["acme"])
    await customers(stack).delete(["acme"])
    found = await records(stack, "customer", "acme")
    assert [r.action for r in found] == [
        "customer.new",
        "customer.update",
        "customer.block",
        "customer.delete",
    ]
    assert {(r.changed_by, r.source) for r in found} == {(KEY_ID, "198.51.100.7")}
    shown = [(loads(r.before or "null"), loads(r.after or "null")) for r in found]
    aliases = [tuple(one and (one["alias"], one["blocked"]) for one in pair) for pair in shown]
    assert aliases == [
        (None, ("a", False)),
        (("a", False), ("b", False)),
        (("b", False), ("b", True)),
        (("b", True), None),
    ]


async def test_a_change_that_is_overtaken_is_made_on_top_of_the_other(stack: Stack, aws: FakeAws) -> None:
    await created(stack, alias="a", rpm_limit=1)
    aws.meanwhile(lambda: updated(stack, rpm_limit=2), operation="TransactWriteItems")
    shown = await updated(stack, alias="b")
    assert (shown["alias"], shown["litellm_budget_table"]["rpm_limit"]) == ("b", 2)
    assert len(await records(stack, "customer", "acme")) == 3


async def test_a_change_of_a_customer_deleted_and_made_again_is_made_of_the_new_one(
    stack: Stack, aws: FakeAws
) -> None:
    await created(stack, rpm_limit=1)

    async def made_again() -> None:
        await customers(stack).delete(["acme"])
        await customers(stack, NOON + timedelta(seconds=1)).create(fields(rpm_limit=2))

    aws.meanwhile(made_again, operation="TransactWriteItems")
    shown = await updated(stack, alias="b")
    assert (shown["alias"], shown["litellm_budget_table"]["rpm_limit"]) == ("b", 2)


async def test_an_update_overtaken_by_a_deletion_is_not_found_and_makes_nothing(
    stack: Stack, aws: FakeAws
) -> None:
    await created(stack)
    aws.meanwhile(lambda: customers(stack).delete(["acme"]), operation="TransactWriteItems")
    with pytest.raises(NotFound):
        await updated(stack, alias="b")
    assert not aws.items("customers")


async def test_a_creation_whose_answer_was_lost_is_made_once_and_told_so(stack: Stack, aws: FakeAws) -> None:
    aws.hang_up("TransactWriteItems", applied=True)
    assert (await created(stack, alias="a"))["alias"] == "a"
    assert len(await records(stack, "customer", "acme")) == 1


async def test_writes_that_meet_are_tried_again_and_at_last_refused(stack: Stack, aws: FakeAws) -> None:
    aws.cancel("TransactionConflict", "None")
    assert (await created(stack))["user_id"] == "acme"
    aws.cancel("TransactionConflict", "None", times=100)
    with pytest.raises(Conflict):
        await updated(stack, alias="b")
    assert (await stored(stack)).alias is None


async def test_metadata_keeps_its_digits(stack: Stack) -> None:
    await created(stack, metadata={"share": Decimal("0.12345678901234567890123")})
    profile = msgspec.structs.asdict((await stored(stack)).profile)
    assert profile["metadata"] == {"share": Decimal("0.12345678901234567890123")}


def test_both_budgets_are_refused() -> None:
    with pytest.raises(ValueError, match="Set either 'max_budget' or 'budget_id', not both"):
        fields(max_budget=1, budget_id="gold")
    assert fields(max_budget=None, budget_id="gold").budget_id == "gold"
