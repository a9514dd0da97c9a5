"""What customers and keys are called, in as few reads as can be."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes import FakeAws
from tests.stack import Stack
from tollgate.queries.names import NameTables
from tollgate.storage.keys import Key, KeyProfile

NOW = datetime.now(UTC)
MANY = 350  # keys


def key(number: int, alias: str | None = None) -> Key:
    key_id = f"{number:064}"
    return Key(key_id, KeyProfile(alias=alias), NOW, "me", NOW, secret_id=key_id)


async def made(stack: Stack, *keys: Key) -> None:
    for one in keys:
        await stack.database.transact([stack.keys.create(one)])


async def counters() -> str:
    return "counters"


def told(alias: str | None, *, exists: bool = True) -> dict[str, object]:
    return {"key_alias": alias, "key_exists": exists}


async def names_of(names: NameTables, *keys: Key) -> list[dict[str, object]]:
    found = await names.keys([one.key_id for one in keys])
    return [{name: found[one.key_id][name] for name in ("key_alias", "key_exists")} for one in keys]


async def test_keys_are_named_beside_the_counters_and_need_no_read_after_them(
    stack: Stack, aws: FakeAws
) -> None:
    named, nameless, unknown = key(1, "app"), key(2), key(3)
    await made(stack, named, nameless)
    names = NameTables(stack.customers, stack.keys)
    assert await names.beside(counters()) == "counters"
    aws.calls.clear()
    assert await names_of(names, named, nameless, unknown) == [
        told("app"),
        told(None),
        told(None, exists=False),
    ]
    await names.beside(counters())  # within the minute
    assert aws.calls == []


async def test_a_key_that_was_made_meanwhile_is_asked_for(
    stack: Stack, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = key(1, "old"), key(2, "new")
    await made(stack, old)
    names = NameTables(stack.customers, stack.keys)
    await names.beside(counters())
    await made(stack, new)
    monkeypatch.setattr("tollgate.queries.names._ABSENT", timedelta())
    aws.calls.clear()
    assert await names_of(names, old, new) == [told("old"), told("new")]
    assert [call.operation for call in aws.calls] == ["BatchGetItem"]


async def test_of_many_keys_those_that_are_not_foreseen_are_read_when_they_are_known(
    stack: Stack, aws: FakeAws
) -> None:
    first, last, unknown = key(0, "first"), key(MANY - 1, "last"), key(MANY)
    await made(stack, first, last, *map(key, range(1, MANY - 1)))
    names = NameTables(stack.customers, stack.keys)
    await names.beside(counters())
    aws.calls.clear()
    assert await names_of(names, first) == [told("first")]
    assert aws.calls == []
    assert await names_of(names, last, unknown) == [told("last"), told(None, exists=False)]
    assert [call.operation for call in aws.calls] == ["BatchGetItem"]


async def test_an_alias_that_changes_or_goes_does_so_in_the_index(stack: Stack) -> None:
    before, renamed = key(1, "before"), key(1, "after")
    await made(stack, before)
    await stack.database.transact([stack.keys.change(renamed, before)])
    names = NameTables(stack.customers, stack.keys)
    await names.beside(counters())
    assert await names_of(names, before) == [told("after")]
    await stack.database.transact([stack.keys.change(key(1), renamed)])
    names = NameTables(stack.customers, stack.keys)
    await names.beside(counters())
    assert await names_of(names, before) == [told(None)]


async def test_counters_that_cannot_be_read_are_told_so(stack: Stack) -> None:
    async def broken() -> None:
        raise RuntimeError("counters")

    with pytest.raises(RuntimeError, match="counters"):
        await NameTables(stack.customers, stack.keys).beside(broken())
