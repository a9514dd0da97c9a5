"""The whole seed, once: in parts, by several processes, each item written as it will stay.

Items are put, not added to, so a seed that was interrupted is begun anew and ends the same. What is done is
written down at its end, and a second run finds that and writes nothing.
"""

from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

import msgspec

from local.errors import StackError
from local.seed.catalogue import KEYS, TIERS, key_id
from local.seed.loading import Part, load, write_counters
from local.seed.rhythm import start_of
from local.seed.settings import Extent, Plan
from local.seed.sums import Sheet
from local.seed.target import Target, Where
from local.seed.traffic import is_seeded
from tollgate.bundles import Visit
from tollgate.storage.budgets import Budget
from tollgate.storage.codec import Item
from tollgate.storage.keys import Key, KeyProfile

_NOTE: Final = "seed"
_BY: Final = "seed"  # who made the tiers and keys
_PARTS: Final = 200  # customers in a part


class Note(msgspec.Struct, frozen=True):
    """What is written down of a seed: its plan, and whether it is done."""

    plan: Plan
    done: bool


Load = Callable[[Plan], Awaitable[Part]]
Tell = Callable[[Part, Plan], None]


async def seed(target: Target, asked: Plan, load: Load, *, force: bool = False) -> Part | None:
    """Write a plan; None when it stands already. Raises StackError where it may not be written."""
    plan = await _agreed(target, asked, force=force)
    if plan is None:
        return None
    await _note(target, Note(plan, done=False))
    whole = await load(plan)
    whole.counters += await write_counters(target, plan, whole.shared.counters)
    await target.write(target.names.budgets_table, _tiers(target, plan))
    await target.write(target.names.keys_table, _keys(target, whole.shared, start_of(plan, 0)))
    await _note(target, Note(plan, done=True))
    return whole


async def standing(target: Target) -> Note | None:
    """What was seeded here before, or begun."""
    noted = await target.notes.note(_NOTE)
    return msgspec.json.decode(noted, type=Note) if noted else None


def in_processes(of: Where, workers: int, tell: Tell) -> Load:
    """Loads every customer in so many processes, telling how far it is."""

    async def run(plan: Plan) -> Part:
        whole = Part()
        with ProcessPoolExecutor(workers) as pool:
            for part in pool.map(partial(load, of), _extents(plan)):
                whole.take(part)
                tell(whole, plan)
        return whole

    return run


def _extents(plan: Plan) -> Iterator[Extent]:
    for first in range(0, plan.customers, _PARTS):
        yield Extent(plan, first, min(first + _PARTS, plan.customers))


async def _agreed(target: Target, asked: Plan, *, force: bool) -> Plan | None:
    """The plan to write: one that was begun is ended. Raises StackError."""
    known = await standing(target)
    plan = msgspec.structs.replace(asked, until=known.plan.until) if known else asked
    if known and known.plan != plan:
        raise StackError(
            f"Seeded already: {known.plan}. Ask for the same, or remove TOLLGATE_HOME to start with empty "
            "books."
        )
    if known and known.done:
        return None
    if not force and await _has_strangers(target):
        raise StackError(
            "The ledger holds calls that were not seeded. Seed an empty stack, or set FORCE=1 to seed beside "
            "them: what was counted for them stays, unless they named a seeded customer."
        )
    return plan


async def _has_strangers(target: Target) -> bool:
    """Whether the ledger holds an entry that is not a seed's."""
    request = {"TableName": target.names.ledger_table, "ProjectionExpression": "request_id"}
    start: dict[str, object] = {}
    while True:
        items, following = await target.database.scan_page({**request, **start})
        if any(not is_seeded(item["request_id"]) for item in items):
            return True
        if not following:
            return False
        start = {"ExclusiveStartKey": following}


async def _note(target: Target, note: Note) -> None:
    await target.notes.save_note(_NOTE, msgspec.json.encode(note).decode())


def _tiers(target: Target, plan: Plan) -> list[Item]:
    made = start_of(plan, 0)
    tiers = (Budget(name, limits, made, made, _BY, _BY) for _, name, limits in TIERS)
    return [target.budgets.create(tier)["Put"]["Item"] for tier in tiers]


def _keys(target: Target, shared: Sheet, made: datetime) -> list[Item]:
    return [target.keys.item(_key(one.alias, shared.keys.get(key_id(one.alias)), made)) for one in KEYS]


def _key(alias: str, used: Visit | None, made: datetime) -> Key:
    profile = KeyProfile(name="sk-...seed", alias=alias)
    key = Key(key_id(alias), profile, made, _BY, made, secret_id=key_id(alias))
    return replace(key, spend=used.spend, last_used_at=used.last) if used else key
