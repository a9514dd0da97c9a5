"""Keys as management makes, changes, replaces, blocks and deletes them."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders import KEY_ID, NOON
from tests.fakes import AUDIT, KEYS, FakeAws
from tests.key_ring import holder
from tests.managing import generated, key_updated, records, regenerated, tier, virtual_keys
from tests.stack import Stack
from tollgate.errors import AlreadyThere, ExpiredKey, InvalidKey, NotFound
from tollgate.keys import secret_id
from tollgate.management.key_fields import SomeKeys
from tollgate.queries.key_info import find_key


async def actions(stack: Stack, key_id: str) -> list[str]:
    return [record.action for record in await records(stack, "key", key_id)]


async def test_a_new_key_is_shown_once_with_its_secret_and_lets_in(stack: Stack) -> None:
    row = await generated(stack, key_alias="prod", max_budget="1.50", duration="30d", metadata={"a": 0.1})
    secret = row["key"]
    assert len(base64.urlsafe_b64decode(secret.removeprefix("sk-") + "=")) == 32
    assert row["token"] == row["token_id"] == secret_id(secret)
    assert (row["key_name"], row["key_alias"]) == (f"sk-...{secret[-4:]}", "prod")
    assert (str(row["max_budget"]), row["scopes"], row["created_by"]) == ("1.5", ["proxy"], KEY_ID)
    assert row["expires"] == "2026-06-03T12:00:00.000Z"
    await key_updated(stack, secret, duration=None)
    assert (await holder(stack, secret)).key_id == row["token"]


async def test_two_keys_are_never_the_same(stack: Stack) -> None:
    assert len({(await generated(stack))["key"] for _ in range(20)}) == 20


async def test_an_alias_is_one_keys_only(stack: Stack) -> None:
    first, second = await generated(stack, key_alias="prod"), await generated(stack, key_alias="test")
    with pytest.raises(AlreadyThere) as refused:
        await generated(stack, key_alias=" prod ")
    assert (refused.value.status, refused.value.param) == (400, "key_alias")
    with pytest.raises(AlreadyThere):
        await key_updated(stack, second["token"], key_alias="prod")
    await key_updated(stack, first["token"], key_alias="prod")
    await key_updated(stack, first["token"], key_alias=None)
    assert (await key_updated(stack, second["token"], key_alias="prod"))["key_alias"] == "prod"
    assert (await generated(stack, key_alias="test"))["key_alias"] == "test"


async def test_of_two_that_claim_an_alias_at_once_one_gets_it(stack: Stack) -> None:
    made = await asyncio.gather(
        *(generated(stack, key_alias="prod") for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(one, AlreadyThere) for one in made) == 4
    assert len([key_id async for key_id in stack.keys.directory.all()]) == 1


async def test_an_update_changes_what_it_names_null_clears_and_zero_stays(stack: Stack) -> None:
    row = await generated(
        stack,
        scopes=["usage:read", "proxy"],
        customer_id="acme",
        models=["gpt-*"],
        max_budget=5,
        rpm_limit=3,
        metadata={"team": "a"},
    )
    shown = await key_updated(stack, row["key"], max_budget=0, rpm_limit=None, customer_id=None, models=None)
    assert (shown["max_budget"], shown["rpm_limit"], shown["customer_id"], shown["models"]) == (
        0,
        None,
        None,
        [],
    )
    assert (shown["scopes"], shown["metadata"]) == (["usage:read", "proxy"], {"team": "a"})
    assert (await key_updated(stack, row["key"], scopes=None, metadata=None))["scopes"] == ["proxy"]


async def test_a_key_on_a_tier_that_sets_a_limit_gets_its_own_copy(stack: Stack) -> None:
    await tier(stack, budget_id="gold", max_budget=5, tpm_limit=100)
    row = await generated(stack, budget_id="gold", end_user_budget_id="gold")
    assert (row["litellm_budget_table"]["max_budget"], row["max_budget"]) == (5, None)
    shown = await key_updated(stack, row["token"], max_budget=7)
    assert (shown["budget_id"], shown["litellm_budget_table"]) == (None, None)
    assert (shown["max_budget"], shown["tpm_limit"], shown["end_user_budget_id"]) == (7, 100, "gold")
    assert (await key_updated(stack, row["token"], budget_id="gold"))["max_budget"] is None


@pytest.mark.parametrize("field", ["budget_id", "end_user_budget_id"])
async def test_a_tier_must_be_there(stack: Stack, aws: FakeAws, field: str) -> None:
    with pytest.raises(NotFound):
        await generated(stack, **{field: "nowhere"})
    assert aws.items(KEYS) == aws.items(AUDIT) == []


async def test_another_secret_keeps_the_keys_id_and_ends_the_one_before(stack: Stack) -> None:
    row = await generated(stack, key_alias="prod", max_budget=5)
    again = await regenerated(stack, row["key"], rpm_limit=7)
    assert (again["token"], again["key_alias"], again["rpm_limit"]) == (row["token"], "prod", 7)
    assert again["key"] != row["key"]
    assert again["key_name"].endswith(again["key"][-4:])
    assert (await holder(stack, again["key"])).key_id == row["token"]
    with pytest.raises(ExpiredKey):
        await holder(stack, row["key"])


async def test_with_a_grace_period_both_secrets_are_good(stack: Stack) -> None:
    now = datetime.now(UTC)
    row = await generated(stack)
    second = await regenerated(stack, row["key"], now, grace_period="1h")
    assert (await holder(stack, row["key"])).key_id == (await holder(stack, second["key"])).key_id
    third = await regenerated(stack, second["key"], now, grace_period="1h")
    fourth = await regenerated(stack, third["token"], now, grace_period="1h")
    for secret in (row["key"], second["key"]):
        with pytest.raises((ExpiredKey, InvalidKey)):
            await holder(stack, secret)
    for secret in (third["key"], fourth["key"]):
        assert await holder(stack, secret)
    assert len(aws_items(stack)) == 3  # the key, and its two secrets that are good


async def test_management_finds_a_key_by_any_secret_of_it_and_by_its_id(stack: Stack) -> None:
    row = await generated(stack, key_alias="prod")
    later = await regenerated(stack, row["key"])
    for text in (row["key"], later["key"], row["token"]):
        found = await find_key(text, stack.keys)
        assert found is not None
        assert found.key_id == row["token"]
    for text in ("prod", "alias#prod", "sk-nobody", row["token"].upper(), ""):
        assert await find_key(text, stack.keys) is None


async def test_blocking_twice_writes_once(stack: Stack) -> None:
    row = await generated(stack)
    for blocked in (True, True, False, False):
        shown = await virtual_keys(stack).block(row["key"], blocked=blocked)
        assert shown["blocked"] == blocked
    assert await actions(stack, row["token"]) == ["key.generate", "key.block", "key.unblock"]


async def test_deleting_is_all_or_nothing(stack: Stack, aws: FakeAws) -> None:
    first, second = await generated(stack, key_alias="a"), await generated(stack, key_alias="b")
    for asked in (
        SomeKeys(keys=[first["key"], "sk-nobody"]),
        SomeKeys(key_aliases=["a", "nobody"]),
        SomeKeys(keys=["0" * 64]),
    ):
        with pytest.raises(NotFound, match="nothing was deleted"):
            await virtual_keys(stack).delete(asked)
    assert len([key_id async for key_id in stack.keys.directory.all()]) == 2
    later = await regenerated(stack, first["key"], grace_period="1h")
    asked = SomeKeys(keys=[first["key"], later["key"], first["token"], second["token"]])
    assert await virtual_keys(stack).delete(asked) == [first["token"], second["token"]]
    assert aws.items(KEYS) == []
    with pytest.raises(InvalidKey):
        await holder(stack, later["key"])
    assert (await actions(stack, first["token"]))[-1] == "key.delete"


async def test_deleted_by_alias_its_alias_is_free(stack: Stack) -> None:
    row = await generated(stack, key_alias="a")
    assert await virtual_keys(stack).delete(SomeKeys(key_aliases=["a"])) == [row["token"]]
    assert await generated(stack, key_alias="a")


async def test_two_changes_at_once_are_both_made(stack: Stack, aws: FakeAws) -> None:
    row = await generated(stack)
    aws.meanwhile(lambda: key_updated(stack, row["token"], rpm_limit=1), operation="TransactWriteItems")
    shown = await key_updated(stack, row["token"], tpm_limit=2)
    assert (shown["rpm_limit"], shown["tpm_limit"]) == (1, 2)
    assert len(await actions(stack, row["token"])) == 3


async def test_a_change_says_who_before_and_after(stack: Stack) -> None:
    row = await generated(stack, rpm_limit=1)
    await key_updated(stack, row["key"], rpm_limit=2)
    last = (await records(stack, "key", row["token"]))[-1]
    assert (last.action, last.changed_by, last.source) == ("key.update", KEY_ID, "198.51.100.7")
    assert '"rpm_limit":1' in last.before
    assert '"rpm_limit":2' in last.after


async def test_no_secret_is_in_any_table(stack: Stack, aws: FakeAws) -> None:
    row = await generated(stack, key_alias="prod")
    later = await regenerated(stack, row["key"], grace_period="1h")
    await key_updated(stack, later["key"], rpm_limit=1)
    await virtual_keys(stack).block(later["key"], blocked=True)
    everything = str([aws.items(table) for table in aws.dynamodb.tables])
    await virtual_keys(stack).delete(SomeKeys(keys=[later["key"]]))
    everything += str([aws.items(table) for table in aws.dynamodb.tables])
    for secret in (row["key"], later["key"]):
        assert secret.removeprefix("sk-")[:20] not in everything


def aws_items(stack: Stack) -> list[Any]:
    return stack.aws.items(KEYS)


async def test_an_expiry_can_be_set_moved_and_cleared(stack: Stack) -> None:
    moment = NOON + timedelta(days=400)
    row = await generated(stack, expires=moment.isoformat())
    assert row["expires"] == "2027-06-08T12:00:00.000Z"
    assert (await key_updated(stack, row["token"], rpm_limit=1))["expires"] == row["expires"]
    assert (await key_updated(stack, row["token"], duration="1h"))["expires"] == "2026-05-04T13:01:00.000Z"
    assert (await key_updated(stack, row["token"], expires=None))["expires"] is None
