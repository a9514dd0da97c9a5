"""Questions to the spend logs over a stack in memory."""

from datetime import datetime
from typing import Any, Final

from tests.builders import NOON
from tests.fakes import LEDGER
from tests.stack import Stack
from tollgate.queries.budget_table import Clock
from tollgate.queries.log_count import LogCount
from tollgate.queries.log_parameters import LogParameters
from tollgate.queries.log_question import log_question
from tollgate.queries.log_reading import LogReader
from tollgate.queries.log_tail import LogTail, tail_of
from tollgate.queries.spend_logs import SpendLogs
from tollgate.queries.totals import Totals
from tollgate.records import SpendEvent
from tollgate.storage.ledger_pages import LedgerPages

MAY: Final = {"start_date": "2026-05-01", "end_date": "2026-05-31"}


async def booked(stack: Stack, *events: SpendEvent) -> None:
    """Close events and count them."""
    for one in events:
        await stack.ledger.close(one)
    assert await stack.counting().count(events) == set()


def clock(now: datetime = NOON, zone: str = "UTC") -> Clock:
    return Clock(now, zone)


def reader(stack: Stack) -> LogReader:
    return LogReader(LedgerPages(stack.database, LEDGER))


async def page(stack: Stack, at: Clock | None = None, may: frozenset[str] | None = None, **asked: Any) -> Any:
    """A page of May, unless other days are asked for."""
    parameters = LogParameters.model_validate(asked if "cursor" in asked else MAY | asked)
    now = at or clock()
    logs = SpendLogs(reader(stack), LogCount(stack.counters, Totals(stack.counters), now), may)
    return await logs.answer(log_question(parameters, now, may), parameters.page, parameters.page_size)


async def pages(stack: Stack, at: Clock | None = None, **asked: Any) -> list[Any]:
    """Every page from the first on, by cursor."""
    found = [await page(stack, at, **asked)]
    while cursor := found[-1]["next_cursor"]:
        found.append(await page(stack, at, cursor=cursor, page_size=asked.get("page_size", 50)))
        assert len(found) < 500
    return found


async def tail(
    stack: Stack, since: str, now: datetime, may: frozenset[str] | None = None, **asked: Any
) -> Any:
    """What came since."""
    parameters = LogParameters.model_validate({"since": since, **asked})
    found = LogTail(reader(stack), now, may)
    return await found.answer(tail_of(parameters, may, now), parameters.page_size)


def ids(answer: Any) -> list[str]:
    """The request ids of an answer's rows."""
    return [row["request_id"] for row in answer["data"]]
