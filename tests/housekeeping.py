"""What the tests of reconcile share: entries of an age, letters in the queue, and whether all is well."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.books import IN_COUNTERS
from tests.builders import entry
from tests.fakes import COUNTERS, LEDGER, FakeAws
from tests.stack import Stack
from tollgate.records import Entry, SpendEvent


def ago(**time: float) -> datetime:
    moment = datetime.now(UTC) - timedelta(**time)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def old_entry(**fields: Any) -> Entry:
    return entry(**{"started_at": ago(seconds=961), "model_group": "gpt-4o-mini", **fields})


def young_entry(**fields: Any) -> Entry:
    return entry(**{"started_at": ago(seconds=900), "model_group": "gpt-4o-mini", **fields})


async def spill(stack: Stack, *records: Entry | SpendEvent) -> None:
    """Put letters into the queue, as a proxy does that cannot reach the table."""
    stack.aws.fail("PutItem", "AccessDeniedException", times=len(records))
    for record in records:
        if isinstance(record, Entry):
            await stack.books().open(record).durable()
        else:
            await stack.books().close(record)


async def standing(stack: Stack, of: Entry) -> SpendEvent:
    found = await stack.ledger.get(of.request_id)
    assert isinstance(found, SpendEvent)
    return found


async def balanced(stack: Stack, *entries: Entry) -> bool:
    """Whether everything in the ledger is counted, exactly."""
    days = {e.day for e in entries}
    return not any([await stack.drift().of_day(day) for day in days]) and pending(stack.aws) == 0


def pending(aws: FakeAws) -> int:
    return sum("pending" in item for item in aws.items(LEDGER))


def requests_counted(aws: FakeAws) -> int:
    days = [item for item in aws.items(COUNTERS) if item["sk"]["S"].startswith("D#")]
    return sum(int(item[IN_COUNTERS["api_requests"]]["N"]) for item in days)
