"""Request ids, and where in the ledger they live."""

from datetime import UTC, datetime, timedelta
from zlib import crc32

import uuid_utils

SLOTS = 16
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_request_id() -> str:
    """A UUIDv7: its order is its time (RFC 9562, section 5.7)."""
    return str(uuid_utils.uuid7())


def instant(request_id: str) -> datetime:
    """The UTC instant in a UUIDv7, to the millisecond. Raises ValueError for any other text."""
    return EPOCH + timedelta(milliseconds=_milliseconds(request_id))


def day_and_slot(request_id: str) -> str:
    """The ledger partition of a request id: `day#slot`, the day in UTC."""
    return ledger_partition(instant(request_id).strftime("%Y-%m-%d"), slot_of(request_id))


def ledger_partition(day: str, slot: int) -> str:
    """One of a UTC day's SLOTS partitions."""
    return f"{day}#{slot}"


def slot_of(text: str) -> int:
    """A stable spread of any text over SLOTS."""
    return crc32(text.encode()) % SLOTS


def first_id_at(moment: datetime) -> str:
    """The smallest UUIDv7 of a millisecond, for ranges over the ledger's sort key."""
    digits = f"{(moment - EPOCH) // timedelta(milliseconds=1):012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"


def _milliseconds(request_id: str) -> int:
    digits = request_id.replace("-", "")
    if len(digits) != 32 or digits[12] != "7":  # noqa: PLR2004 - the length and version digit of a UUIDv7
        raise ValueError(f"not a request id: {request_id!r}")
    return int(digits[:12], 16)
