"""Budget windows: which one a moment lies in, by the calendar of the reporting time zone.

Hours, days, weeks (from Monday) and months begin with the calendar's; other numbers of days are counted from
the day their customer or key was made (`10d^2026-05-04`), other hours, minutes and seconds from the epoch.
The next window is simply another one: nothing has to be reset.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from tollgate.days import midnight, zone
from tollgate.ids import EPOCH

LIFETIME: Final = "ever"
_WORDS: Final = {"hourly": "1h", "daily": "1d", "weekly": "7d", "monthly": "1mo"}
_DURATION: Final = re.compile(r"([1-9]\d{0,4})(s|m|h|d|w|mo)")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}
# As LiteLLM reads them: 30 days are a calendar month, 24 hours a calendar day.
_SAME: Final = {"24h": "1d", "60m": "1h", "30d": "1mo"}
_WEEK: Final = 7
_ANY: Final = 99_999
_MOST: Final = {"mo": 1200, "w": 14_285}  # weeks are kept as days, which have five digits
_END: Final = datetime(9999, 12, 31, tzinfo=UTC)
_ANCHOR: Final = "^"


class UnknownDuration(ValueError):
    """A text that names no duration."""


@dataclass(frozen=True, slots=True)
class Window:
    """One window of a named kind: from `start`, until before `end`; a lifetime begins with the epoch."""

    kind: str
    start: datetime
    end: datetime

    @property
    def is_lifetime(self) -> bool:
        """Whether it never ends."""
        return self.kind == LIFETIME

    @property
    def is_of_days(self) -> bool:
        """Whether it begins and ends with a reporting day, if it ever does."""
        return self.is_lifetime or self.kind.partition(_ANCHOR)[0].endswith(("d", "mo"))

    @property
    def second(self) -> int:
        """Its start in seconds since the epoch: what tells it from the others of its kind."""
        return (self.start - EPOCH) // timedelta(seconds=1)

    def covers(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.start <= moment < self.end


@lru_cache(maxsize=256)
def duration(text: str) -> str:
    """The canonical name of a duration such as 30s, 1h, 7d, 1mo, daily. Raises UnknownDuration."""
    lowered = text.strip().lower()
    found = _DURATION.fullmatch(_WORDS.get(lowered, lowered))
    if not found or int(found[1]) > _MOST.get(found[2], _ANY):
        raise UnknownDuration(
            f"Invalid budget_duration '{text}'. Use a format like '1h', '24h', '7d', or '30d'."
        )
    count, unit = int(found[1]), found[2]
    name = f"{count * _WEEK}d" if unit == "w" else f"{count}{unit}"
    return _SAME.get(name, name)


def kind(text: str, made: date) -> str:
    """What windows of a duration are of, for an owner made on a day; "" is a lifetime.

    Raises UnknownDuration.
    """
    if not text:
        return LIFETIME
    name = duration(text)
    counted = name.endswith("d") and name not in ("1d", f"{_WEEK}d")
    return f"{name}{_ANCHOR}{made.isoformat()}" if counted else name


def window(of: str, moment: datetime, zone_name: str) -> Window:
    """The window of a kind that a moment lies in."""
    if of == LIFETIME:
        return Window(LIFETIME, EPOCH, _END)
    name, _, made = of.partition(_ANCHOR)
    count, unit = _split(name)
    if unit in _SECONDS:
        start, seconds = _of_seconds(count * _SECONDS[unit], moment, zone_name)
        return Window(of, start, start + timedelta(seconds=seconds))
    day = moment.astimezone(zone(zone_name)).date()
    first, last = _months(count, day) if unit == "mo" else _days(count, day, made)
    return Window(of, midnight(first, zone(zone_name)), midnight(last, zone(zone_name)))


@lru_cache(maxsize=256)
def _split(name: str) -> tuple[int, str]:
    found = _DURATION.fullmatch(name)
    if found is None:
        raise UnknownDuration(f"Invalid budget_duration '{name}'.")
    return int(found[1]), found[2]


def _of_seconds(seconds: int, moment: datetime, zone_name: str) -> tuple[datetime, int]:
    """Aligned with the zone's clock: its offset may be of half an hour."""
    offset = moment.astimezone(zone(zone_name)).utcoffset() or timedelta()
    shift = int(offset.total_seconds()) % 3600
    elapsed = (moment - EPOCH) // timedelta(seconds=1) + shift
    return EPOCH + timedelta(seconds=elapsed // seconds * seconds - shift), seconds


def _months(count: int, day: date) -> tuple[date, date]:
    first = (day.year * 12 + day.month - 1) // count * count
    return _first_of(first), _first_of(first + count)


def _days(count: int, day: date, made: str) -> tuple[date, date]:
    if count == _WEEK:
        origin = day - timedelta(days=day.weekday())
    else:
        origin = date.fromisoformat(made) if made else day
    first = origin + (day - origin) // timedelta(days=count) * timedelta(days=count)
    return first, first + timedelta(days=count)


def _first_of(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)
