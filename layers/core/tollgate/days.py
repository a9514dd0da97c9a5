"""Calendar days and hours in the deployment's reporting time zone."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo


@lru_cache(maxsize=8)
def zone(name: str) -> ZoneInfo:
    """An IANA zone. Raises ZoneInfoNotFoundError for an unknown name."""
    return ZoneInfo(name)


def day_of(moment: datetime, zone_name: str) -> date:
    """The day that a moment belongs to."""
    return moment.astimezone(zone(zone_name)).date()


def reporting_day(moment: datetime, zone_name: str) -> str:
    """The YYYY-MM-DD that a moment belongs to."""
    return moment.astimezone(zone(zone_name)).strftime("%Y-%m-%d")


def utc_hour(moment: datetime) -> str:
    """The YYYY-MM-DDTHH that a moment belongs to, in UTC, so that any whole-hour zone can regroup it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H")


def days_between(start: date, end: date) -> list[str]:
    """Every day from start to end, both included."""
    return [(start + timedelta(days=n)).isoformat() for n in range((end - start).days + 1)]


def months_between(start: date, end: date) -> list[tuple[str, str]]:
    """The first and last day, within start and end, of every month they touch."""
    months = groupby(days_between(start, end), key=lambda day: day[:7])
    return [(days[0], days[-1]) for days in (list(of_month) for _, of_month in months)]


def utc_days_of(day: date) -> list[str]:
    """The UTC days that a reporting day can touch in any zone (offsets run from -12 to +14 hours)."""
    return days_between(day - timedelta(days=1), day + timedelta(days=1))


def midnight(day: date, info: tzinfo) -> datetime:
    """When a day of a zone begins, in UTC."""
    return datetime.combine(day, time(), info).astimezone(UTC)


def microseconds(length: timedelta) -> int:
    """A length of time, exactly."""
    return length // timedelta(microseconds=1)
