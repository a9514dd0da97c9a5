"""How long a key or a secret lasts: LiteLLM's durations, counted from a moment."""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Final

_DURATION: Final = re.compile(r"([0-9]{1,5})(s|m|h|d|w|mo)")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_MONTHS: Final = 1200
_NEVER: Final = ("", "-1", "permanent")
_SHOWN: Final = 64  # characters of a bad value that are told back


class UnknownDuration(ValueError):
    """A text that names no duration."""


def after(moment: datetime | None, text: str) -> datetime | None:
    """The moment a duration later (of now, if None); None for "", "-1" and "permanent".

    A month is the calendar's: one after 31 January is the last of February. Raises UnknownDuration.
    """
    if text in _NEVER:
        return None
    found = _DURATION.fullmatch(text.strip().lower())
    if not found or (found[2] == "mo" and int(found[1]) > _MONTHS):
        raise UnknownDuration(f"Invalid duration '{text[:_SHOWN]}'. Use a format like '30s', '12h', '30d'.")
    start, count = moment or datetime.now(UTC), int(found[1])
    if found[2] == "mo":
        return _months(start, count)
    return start + timedelta(**{_UNITS[found[2]]: count})


def _months(start: datetime, count: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    day = min(start.day, monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day)
