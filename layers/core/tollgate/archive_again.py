"""A day of the ledger into the archive again: after an outage, or for what was there before the archive."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from tollgate.archive import Deliver, Row, row_of
from tollgate.days import utc_days_of
from tollgate.ids import SLOTS
from tollgate.records import SpendEvent
from tollgate.storage.ledger import LedgerTable, is_counted, parse

_AT_ONCE: Final = 500
_DAY: Final = timedelta(days=1)


async def archive_day(day: date, ledger: LedgerTable, deliver: Deliver) -> dict[str, Any]:
    """Deliver every counted event of a reporting day; how many there were, and how many were not taken."""
    report = {"archived": 0, "failed": 0}
    rows: list[Row] = []
    for utc_day in utc_days_of(day):
        for slot in range(SLOTS):
            rows += await _rows(ledger, utc_day, slot, day.isoformat())
            if len(rows) >= _AT_ONCE:
                await _send(rows, deliver, report)
                rows = []
    await _send(rows, deliver, report)
    return report


async def _rows(ledger: LedgerTable, utc_day: str, slot: int, day: str) -> list[Row]:
    start = datetime.fromisoformat(utc_day).replace(tzinfo=UTC)
    found: list[Row] = []
    async for item in ledger.between(utc_day, slot, start, start + _DAY):
        record = parse(item) if is_counted(item) else None
        if isinstance(record, SpendEvent) and record.entry.day == day:
            found.append(row_of(record))
    return found


async def _send(rows: list[Row], deliver: Deliver, report: dict[str, int]) -> None:
    failed = await deliver(rows) if rows else set()
    report["archived"] += len(rows) - len(failed)
    report["failed"] += len(failed)
