"""Totals are remembered: what was read answers the next questions, and what was counted since appears."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import event
from tests.direct import Direct
from tests.fakes import COUNTERS
from tests.usage_by_hand import NOW, Counted
from tollgate.queries import remembered_days as remembered
from tollgate.queries.breakdown import grand_total
from tollgate.queries.calendar import Reporting
from tollgate.queries.names import NameTables
from tollgate.queries.question import Question, Selection, selected
from tollgate.queries.reading import Reading, Source
from tollgate.queries.remembered import Remembered
from tollgate.queries.totals import Totals
from tollgate.storage.aws import AwsUnavailable
from tollgate.storage.counters import Counter, CountersTable
from tollgate.storage.customers import Customer, Profile

OLD = NOW - timedelta(days=2 * 7 + 6)
OCTOBER = ("2026-10-16", "2026-10-31")
NOVEMBER = ("2026-11-01", "2026-11-05")


class Noted(CountersTable):
    """Counters that note which days' totals are read, and fail when they are told to."""

    reads: list[tuple[str, str]]
    fails: bool = False
    frozen: asyncio.Event | None = None

    async def totals(
        self, start: str, end: str, slot: int, *, consistent: bool = False
    ) -> AsyncIterator[Counter]:
        """One write shard."""
        if slot == 0:
            self.reads.append((start, end))
        if self.fails:
            raise AwsUnavailable("away")
        if self.frozen is not None:
            await self.frozen.wait()
        async for counter in super().totals(start, end, slot, consistent=consistent):
            yield counter


class Asked:
    """A process that is asked about totals, again and again."""

    def __init__(self) -> None:
        self._counted = Counted([], "UTC")
        self.table = Noted(self._counted.stack.database, COUNTERS)
        self.table.reads = []
        self.totals = Totals(self.table)

    async def add(self, charge: int, moment: datetime, **of: Any) -> None:
        """Count a call."""
        self._counted.events = [event(started_at=moment, charge=Decimal(charge), **of)]
        await self._counted.count()

    async def spend(self, later: timedelta = timedelta(), **asked: Any) -> Any:
        """What everybody spent from OLD until NOW, asked some time later."""
        range_ = {"start_date": OLD.date().isoformat(), "end_date": NOW.date().isoformat()} | asked
        sheet = await self.reading(later, selected(Selection(**range_))).sheet()
        return grand_total(sheet).get("charge", 0)

    def reading(self, later: timedelta, asked: Question) -> Reading:
        """A question, some time later."""
        return Reading(Source(self.table, self.totals, Reporting(NOW + later, "UTC")), asked)


@pytest.fixture
async def asked() -> Asked:
    found = Asked()
    await found.add(1, OLD, model="gpt-4o-mini")
    await found.add(2, NOW, model="claude-x")
    return found


async def settled() -> None:
    """Let what is read meanwhile be read."""
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)


async def test_questions_at_once_share_a_read_and_filters_take_none(asked: Asked) -> None:
    whole, again, some = await asyncio.gather(asked.spend(), asked.spend(), asked.spend(model="claude-x"))
    assert (whole, again, some) == (3, 3, 2)
    assert await asked.spend(model="gpt-4o-mini", start_date=OLD.date().isoformat()) == 1
    assert sorted(asked.table.reads) == [OCTOBER, NOVEMBER]


async def test_of_a_longer_range_the_rest_is_read(asked: Asked) -> None:
    assert await asked.spend(start_date="2026-11-01") == 2
    assert await asked.spend() == 3
    assert asked.table.reads == [NOVEMBER, OCTOBER]


@pytest.mark.parametrize(
    ("moment", "fresh", "kept"),
    [
        (NOW, timedelta(seconds=10), timedelta(minutes=1)),
        (OLD, timedelta(minutes=10), timedelta(hours=1)),
    ],
)
async def test_what_is_counted_later_appears(
    asked: Asked, moment: datetime, fresh: timedelta, kept: timedelta
) -> None:
    day: dict[str, Any] = {"start_date": moment.date().isoformat(), "end_date": moment.date().isoformat()}
    known = await asked.spend(**day)
    await asked.add(4, moment)
    assert await asked.spend(fresh - timedelta(seconds=1), **day) == known
    await settled()
    assert len(asked.table.reads) == 1
    assert await asked.spend(fresh, **day) == known  # and is read anew meanwhile
    await settled()
    assert await asked.spend(fresh, **day) == known + 4
    await asked.add(8, moment)
    assert await asked.spend(fresh + kept, **day) == known + 12  # too old to be told
    assert len(asked.table.reads) == 3


async def test_what_is_not_read_is_not_remembered(asked: Asked) -> None:
    asked.table.fails = True
    with pytest.raises(AwsUnavailable):
        await asked.spend()
    asked.table.fails = False
    assert await asked.spend() == 3


async def test_a_failure_to_read_anew_is_nobodys_until_it_has_to_be_read(asked: Asked) -> None:
    assert await asked.spend() == 3
    asked.table.fails = True
    for _ in range(2):
        assert await asked.spend(timedelta(seconds=30)) == 3
        await settled()
    with pytest.raises(AwsUnavailable):
        await asked.spend(timedelta(minutes=2))


async def test_nobody_waits_for_a_read_that_a_frozen_process_left_behind(asked: Asked) -> None:
    assert await asked.spend() == 3
    frozen = asked.table.frozen = asyncio.Event()
    assert await asked.spend(timedelta(seconds=30)) == 3  # and is read anew meanwhile
    await asyncio.sleep(0)
    asked.table.frozen = None
    await asked.add(4, NOW)
    later = timedelta(minutes=2)
    assert await asyncio.wait_for(asked.spend(later), 5) == 7
    reads = len(asked.table.reads)
    frozen.set()
    await settled()
    assert await asked.spend(later) == 7
    assert len(asked.table.reads) == reads  # what came late is older than what is known


async def test_an_answer_that_comes_late_is_not_remembered_over_a_newer_one() -> None:
    memory: Remembered[str, int] = Remembered(10)
    frozen = asyncio.Event()

    async def old(_: int) -> int:
        await frozen.wait()
        return 1

    async def new(_: int) -> int:
        return 2

    first = asyncio.ensure_future(memory.of("a", old, NOW))
    await asyncio.sleep(0)
    later = NOW + timedelta(hours=1)
    assert await asyncio.wait_for(memory.of("a", new, later), 5) == 2
    frozen.set()
    assert await first == 1
    assert await memory.of("a", old, later) == 2


async def test_memory_has_an_end_and_answers_have_none(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_MOST", 2)
    assert await asked.spend() == 3
    assert await asked.spend() == 3
    assert len(asked.table.reads) > len((OCTOBER, NOVEMBER))
    assert await asked.spend(start_date="2025-12-01") == 3


async def test_without_some_customers_totals_are_remembered_all_the_same(asked: Asked) -> None:
    await asked.add(4, NOW, customer_id="zoë")
    assert await asked.spend(exclude_end_user_ids=["zoë"]) == 3
    assert await asked.spend() == 7
    assert len(asked.table.reads) == 2


async def test_of_named_customers_every_call_is_told_and_of_those_out_of_everybody_a_minute_later(
    asked: Asked,
) -> None:
    def days(**of: Any) -> Reading:
        later = of.pop("later", timedelta())
        range_ = {"start_date": "2026-11-01", "end_date": "2026-11-05"} | of
        return asked.reading(later, selected(Selection(**range_)))

    assert len(await days().shares(["acme"])) == 1
    await asked.add(4, NOW, model="gpt-4o-mini")
    assert len(await days(end_user_ids=["acme"]).shares(["acme"])) == 2
    assert len(await days(model="gpt-4o-mini").shares(["acme"])) == 0
    assert len(await days(later=timedelta(minutes=1), model="gpt-4o-mini").shares(["acme"])) == 1


async def test_how_many_customers_called_is_counted_again_when_a_day_is_young(asked: Asked) -> None:
    day, old = NOW.date().isoformat(), OLD.date().isoformat()
    totals = asked.totals
    assert (await totals.callers(day, NOW), await totals.callers(old, NOW)) == (1, 1)
    for moment in (OLD, NOW):
        await asked.add(1, moment, customer_id="zoë")
    later = NOW + timedelta(minutes=5)
    assert (await totals.callers(day, later), await totals.callers(old, later)) == (2, 1)
    assert await totals.callers(old, NOW + timedelta(days=1)) == 2


async def test_names_are_looked_up_once_a_minute() -> None:
    stack = Direct()
    names = NameTables(stack.customers, stack.keys)
    assert await names.aliases(["acme", "", "zoë"]) == {"acme": None, "zoë": None}
    made = Customer("acme", created_at=NOW, profile=Profile(alias="Acme"))
    await stack.database.transact([stack.customers.create(made)])
    assert await names.aliases(["acme", "new"]) == {"acme": None, "new": None}
    names = NameTables(stack.customers, stack.keys)
    assert await names.aliases(["acme"]) == {"acme": "Acme"}
    assert (await names.keys(["k"]))["k"]["key_exists"] is False
