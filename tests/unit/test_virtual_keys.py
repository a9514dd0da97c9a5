"""Keys of the table: who is let in by them, how long, and what that costs in reads."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import MASTER_KEY
from tests.fakes import FakeAws
from tests.key_ring import SECRET, holder, keys, presented, put, replace_secret
from tests.stack import Stack
from tollgate.errors import BlockedKey, ExpiredKey, InvalidKey, NotAllowed, StoreUnavailable, TollgateError
from tollgate.keys import Keys, secret_id
from tollgate.scopes import ADMIN, PROXY, USAGE

OLD, NEW = SECRET, "sk-of-the-same-application"
HOUR = timedelta(hours=1)


async def refused(authentication: Keys, secret: str = SECRET) -> TollgateError:
    with pytest.raises(TollgateError) as told:
        await authentication.authenticate(presented(secret))
    assert secret not in told.value.message
    return told.value


async def test_the_holder_of_a_secret_is_let_in_as_its_key(stack: Stack) -> None:
    key = await put(stack, scopes=("proxy", "usage:read:acme"), customer_id="acme")
    caller = await holder(stack)
    assert (caller.key_id, caller.bound_to, caller.key) == (secret_id(SECRET), "acme", key)
    assert caller.scopes == {"proxy", "usage:read:acme"}


async def test_a_secret_that_is_nobodys_is_told_so(stack: Stack) -> None:
    told = await refused(keys(stack))
    assert (type(told), told.status, told.type, told.param) == (
        InvalidKey,
        401,
        "token_not_found_in_db",
        "key",
    )


@pytest.mark.parametrize("text", ["sk-", f"sk-{secret_id(SECRET)}", secret_id(SECRET), "alias#prod"])
async def test_neither_a_keys_id_nor_its_alias_lets_anybody_in(stack: Stack, text: str) -> None:
    key = await put(stack)
    await stack.database.transact([stack.keys.claim("prod", key.key_id)])
    assert (await refused(keys(stack), text)).status == 401


async def test_an_expired_key_is_told_since_when(stack: Stack) -> None:
    await put(stack, expires_at=datetime(2026, 5, 4, 12, tzinfo=UTC))
    told = await refused(keys(stack))
    assert (type(told), told.status, told.type) == (ExpiredKey, 401, "expired_key")
    assert "2026-05-04T12:00:00+00:00" in told.message


async def test_a_key_that_expires_later_is_good(stack: Stack) -> None:
    await put(stack, expires_at=datetime.now(UTC) + HOUR)
    assert await holder(stack)


async def test_a_key_expires_on_time_though_it_is_remembered(stack: Stack) -> None:
    await put(stack, expires_at=datetime.now(UTC) + timedelta(milliseconds=30))
    authentication = keys(stack, ttl=3600)
    assert await authentication.authenticate(presented())
    await asyncio.sleep(0.04)
    assert isinstance(await refused(authentication), ExpiredKey)


async def test_a_blocked_key_is_told_how_to_get_in_again(stack: Stack) -> None:
    await put(stack, blocked=True)
    told = await refused(keys(stack))
    assert (type(told), told.status, told.type) == (BlockedKey, 401, "auth_error")
    assert "/key/unblock" in told.message


async def test_both_secrets_of_a_key_are_good_while_the_old_one_has_grace(stack: Stack) -> None:
    await replace_secret(stack, await put(stack), NEW, HOUR)
    assert (await holder(stack, OLD)).key_id == (await holder(stack, NEW)).key_id == secret_id(OLD)


async def test_a_replaced_secret_is_good_no_more(stack: Stack) -> None:
    await replace_secret(stack, await put(stack), NEW, -HOUR)
    assert await holder(stack, NEW)
    told = await refused(keys(stack), OLD)
    assert (type(told), told.type) == (ExpiredKey, "expired_key")
    assert "replaced" in told.message


async def test_only_the_last_secret_but_one_has_grace(stack: Stack) -> None:
    key = await replace_secret(stack, await put(stack), NEW, HOUR)
    await replace_secret(stack, key, "sk-third", HOUR)
    assert isinstance(await refused(keys(stack), OLD), ExpiredKey)
    assert (await holder(stack, NEW)).key_id == (await holder(stack, "sk-third")).key_id == key.key_id


async def test_a_later_secret_of_a_deleted_key_is_nobodys(stack: Stack) -> None:
    key = await put(stack)
    await replace_secret(stack, key, NEW, HOUR)
    item = {"TableName": stack.keys.name, "Key": {"key_id": {"S": key.key_id}}}
    await stack.database.transact([{"Delete": item}])
    assert isinstance(await refused(keys(stack), NEW), InvalidKey)


async def test_a_remembered_key_costs_no_read(stack: Stack, aws: FakeAws) -> None:
    await put(stack)
    authentication = keys(stack)
    for _ in range(3):
        await authentication.authenticate(presented())
    assert len(aws.called("GetItem")) == 1


async def test_so_does_a_secret_that_is_nobodys(stack: Stack, aws: FakeAws) -> None:
    authentication = keys(stack)
    for _ in range(3):
        await refused(authentication)
    assert len(aws.called("GetItem")) == 1


async def test_the_master_key_costs_no_read_at_all(stack: Stack, aws: FakeAws) -> None:
    assert (await holder(stack, MASTER_KEY)).scopes == {ADMIN}
    assert aws.calls == []


async def test_calls_that_arrive_together_read_a_key_once(stack: Stack, aws: FakeAws) -> None:
    await put(stack)
    authentication = keys(stack, ttl=0)
    await asyncio.gather(*(authentication.authenticate(presented()) for _ in range(20)))
    assert len(aws.called("GetItem")) == 1


async def test_what_management_changes_holds_after_the_time_to_live(stack: Stack) -> None:
    authentication = keys(stack, ttl=0)
    await refused(authentication)
    await put(stack)
    assert await authentication.authenticate(presented())


async def test_a_key_that_was_just_here_is_let_in_without_a_store(stack: Stack, aws: FakeAws) -> None:
    await put(stack)
    authentication = keys(stack, ttl=0)
    await authentication.authenticate(presented())
    aws.hang_up("GetItem", times=99)
    assert await authentication.authenticate(presented())
    assert isinstance(await refused(authentication, NEW), StoreUnavailable)


async def test_but_not_for_more_than_a_minute(
    stack: Stack, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(stack)
    authentication = keys(stack, ttl=0)
    await authentication.authenticate(presented())
    aws.hang_up("GetItem", times=99)
    monkeypatch.setattr("tollgate.key_lookup._GOOD_FOR", -1)
    assert isinstance(await refused(authentication), StoreUnavailable)


@pytest.mark.parametrize(
    ("held", "may"),
    [
        (("admin",), {PROXY, ADMIN, USAGE}),
        (("proxy",), {PROXY}),
        (("usage:read",), {USAGE}),
        (("usage:read:acme",), {USAGE}),
        (("proxy", "usage:read:acme"), {PROXY, USAGE}),
        ((), set()),
    ],
)
async def test_a_key_may_do_what_its_scopes_say(stack: Stack, held: tuple[str, ...], may: set[str]) -> None:
    await put(stack, scopes=held)
    caller = await holder(stack)
    for scope in (PROXY, ADMIN, USAGE):
        if scope in may:
            caller.require(scope, "/any")
        else:
            with pytest.raises(NotAllowed, match=f"needs the scope {scope}"):
                caller.require(scope, "/any")


@pytest.mark.parametrize(
    ("held", "bound", "readable"),
    [
        (("admin",), "", None),
        (("usage:read",), "", None),
        (("usage:read:a", "usage:read:b:c"), "", {"a", "b:c"}),
        (("proxy",), "", set()),
        (("usage:read",), "acme", {"acme"}),
        (("usage:read:a", "usage:read:acme"), "acme", {"acme"}),
        (("admin",), "acme", None),
    ],
)
async def test_whose_usage_it_may_read(
    stack: Stack, held: tuple[str, ...], bound: str, readable: set[str] | None
) -> None:
    await put(stack, scopes=held, customer_id=bound)
    assert (await holder(stack)).readable == readable
