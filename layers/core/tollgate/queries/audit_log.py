"""The audit, newest first: of one object by the index, of all by the days' partitions, one day at a time."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from functools import partial
from heapq import merge
from typing import Annotated, Any, Final, NamedTuple

from pydantic import BaseModel, Field

from tollgate.customer import MAX_LENGTH
from tollgate.days import midnight, zone
from tollgate.ids import SLOTS, instant
from tollgate.money import loads
from tollgate.queries import cursors
from tollgate.queries.budget_table import Clock, text_of
from tollgate.queries.parallel import each
from tollgate.queries.question import MAX_DAYS, InvalidQuery, date_of
from tollgate.storage.audit import AuditRecord, AuditTable

_DEFAULT: Final = timedelta(days=29)  # and the last day itself
_DAY: Final = timedelta(days=1)
_INSTANT: Final = timedelta(milliseconds=1)
_YEARS: Final = range(2000, 9999)
_OBJECTS: Final = ("customer", "budget", "key")
_LIST: Final = "audit"

Filter = Annotated[str, Field(max_length=MAX_LENGTH)]  # part of a key, of which DynamoDB takes 2,048 bytes


class AuditParameters(BaseModel):
    """The query string of the audit; days are YYYY-MM-DD in the reporting time zone, both included.

    `action` is such as customer.update, or update of anything; `changed_by` is a key id.
    """

    object_type: Filter = ""
    object_id: Filter = ""
    action: Filter = ""
    changed_by: Filter = ""
    start_date: str = ""
    end_date: str = ""
    page_size: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: str = ""


class AuditQuestion(NamedTuple):
    """Which records are asked for: those in [start, end), from before the record `before`, if given."""

    object_type: str
    object_id: str
    action: str
    changed_by: str
    start: datetime
    end: datetime
    before: str = ""

    def covers(self, record: AuditRecord) -> bool:
        """Whether a record in the range is asked for."""
        return (
            self.object_type in ("", record.object_type)
            and self.object_id in ("", record.object_id)
            and self.action in ("", record.action, record.action.partition(".")[2])
            and self.changed_by in ("", record.changed_by)
        )


def audit_question(asked: AuditParameters, clock: Clock) -> AuditQuestion:
    """The question in a query string, or the one that its cursor goes on with. Raises InvalidQuery."""
    if asked.cursor:
        return _continued(asked)
    start, end = _days(asked, clock)
    filters = (asked.object_type, asked.object_id, asked.action, asked.changed_by)
    here = zone(clock.zone_name)
    return AuditQuestion(*filters, midnight(start, here), midnight(end + _DAY, here))


class AuditLog:
    """Answers questions from the audit table."""

    def __init__(self, table: AuditTable) -> None:
        self._table = table

    async def page(self, asked: AuditQuestion, size: int) -> dict[str, Any]:
        """Up to so many records, and the cursor of the next ones. Raises AwsError, AwsUnavailable."""
        source = self._of_objects(asked, size + 1) if asked.object_id else self._of_days(asked, size + 1)
        found: list[AuditRecord] = []
        async for records in source:
            found += records
            if len(found) > size:
                break
        shown, more = found[:size], len(found) > size
        following = asked._replace(before=shown[-1].audit_id) if more else None
        return {
            "audit_logs": [_row(record) for record in shown],
            "has_more": more,
            "next_cursor": cursors.written(following, _LIST) if following else None,
        }

    async def _of_objects(self, asked: AuditQuestion, most: int) -> AsyncIterator[list[AuditRecord]]:
        async def of_type(object_type: str) -> list[AuditRecord]:
            where = (object_type, asked.object_id, asked.start, asked.end, asked.before)
            return await _first(most, asked, self._table.of_object(*where))

        types = [asked.object_type] if asked.object_type else _OBJECTS
        yield _merged(await each(of_type, types))

    async def _of_days(self, asked: AuditQuestion, most: int) -> AsyncIterator[list[AuditRecord]]:
        async def of_slot(day: date, slot: int) -> list[AuditRecord]:
            where = (day.isoformat(), slot, asked.start, asked.end, asked.before)
            return await _first(most, asked, self._table.between(*where))

        day = (instant(asked.before) if asked.before else asked.end - _INSTANT).date()
        while day >= asked.start.date():
            yield _merged(await each(partial(of_slot, day), range(SLOTS)))
            day -= _DAY


async def _first(most: int, asked: AuditQuestion, records: AsyncIterator[AuditRecord]) -> list[AuditRecord]:
    found: list[AuditRecord] = []
    async for record in records:
        if asked.covers(record):
            found.append(record)
        if len(found) == most:
            break
    return found


def _merged(parts: list[list[AuditRecord]]) -> list[AuditRecord]:
    return list(merge(*parts, key=lambda record: record.audit_id, reverse=True))


def _row(record: AuditRecord) -> dict[str, Any]:
    """LiteLLM's row, its values as objects; `changed_by` is a key id, `source` an address."""
    return {
        "id": record.audit_id,
        "updated_at": text_of(record.at),
        "changed_by": record.changed_by,
        "action": record.action,
        "object_type": record.object_type,
        "object_id": record.object_id,
        "source": record.source,
        "before_value": loads(record.before) if record.before else None,
        "updated_values": loads(record.after) if record.after else None,
    }


def _continued(asked: AuditParameters) -> AuditQuestion:
    found = cursors.read(asked.cursor, AuditQuestion, _LIST)
    given = (asked.object_type, asked.object_id, asked.action, asked.changed_by)
    if any(text not in ("", known) for text, known in zip(given, found, strict=False)):
        raise InvalidQuery("The cursor is of another question: ask for its first page without a cursor")
    if not _lies_in(found):
        raise InvalidQuery("cursor is not one that this route gave: pass the last answer's as it came")
    return found


def _lies_in(asked: AuditQuestion) -> bool:
    try:
        return asked.start <= instant(asked.before) < asked.end
    except (ValueError, TypeError):
        return False


def _days(asked: AuditParameters, clock: Clock) -> tuple[date, date]:
    today = clock.now.astimezone(zone(clock.zone_name)).date()
    end = _date(asked.end_date) if asked.end_date else today
    start = _date(asked.start_date) if asked.start_date else end - _DEFAULT
    if end < start:
        raise InvalidQuery("end_date must be on or after start_date")
    if (end - start).days >= MAX_DAYS:
        raise InvalidQuery(f"Date range must be at most {MAX_DAYS} days")
    return start, end


def _date(text: str) -> date:
    found = date_of(text)
    if found.year not in _YEARS:
        raise InvalidQuery("start_date and end_date must be in a year from 2000 to 9998")
    return found
