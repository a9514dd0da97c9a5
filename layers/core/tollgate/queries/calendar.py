"""Whose days a question is about: the deployment's own, or those of another zone, made of UTC hours.

Daily counters are of the reporting zone's days. The days of any other zone are made of hourly counters, which
are kept for weeks only, and only where its midnights are UTC's full hours.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final, NamedTuple

from tollgate.days import days_between, midnight, utc_hour, zone
from tollgate.queries.question import InvalidQuery, Question

_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_LONGEST_NAME: Final = 64


class Reporting(NamedTuple):
    """What a deployment's days are: a moment, its zone, and how long the hours of days are kept."""

    now: datetime
    zone_name: str
    hourly: timedelta = timedelta(days=35)

    @property
    def today(self) -> date:
        """The day of the moment."""
        return self.now.astimezone(zone(self.zone_name)).date()


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a zone; `info` None means that daily counters are of these days."""

    zone_name: str
    info: tzinfo | None = None

    def day_of(self, hour: str) -> str:
        """The day that a UTC hour (YYYY-MM-DDTHH) belongs to."""
        return self._local(hour).strftime("%Y-%m-%d")

    def hour_of(self, hour: str) -> str:
        """A UTC hour as it is called in the zone, with its offset."""
        return self._local(hour).isoformat(timespec="minutes")

    def hours(self, start: date, end: date) -> tuple[str, str]:
        """The first and the last UTC hour of days from start to end."""
        last = self._midnight(end + _DAY) - _HOUR
        return utc_hour(self._midnight(start)), utc_hour(last)

    def _local(self, hour: str) -> datetime:
        moment = datetime.strptime(hour, "%Y-%m-%dT%H").replace(tzinfo=UTC)
        return moment.astimezone(self.info or zone(self.zone_name))

    def _midnight(self, day: date) -> datetime:
        return midnight(day, self.info or zone(self.zone_name))


def calendar_of(asked: Question, at: Reporting, *, hourly: bool = False) -> Calendar:
    """The calendar of a question; `hourly` is about hours in any case.

    Raises InvalidQuery for a zone that is none, and for hours that are not kept.
    """
    own = zone(at.zone_name)
    name, info = _zone(asked, at.zone_name)
    if not hourly and _same(info, own, asked):
        return Calendar(name)
    _require_hours(asked, info, at)
    return Calendar(name, info)


def own_days(asked: Question, at: Reporting) -> str:
    """The zone of a question that only daily counters can answer. Raises InvalidQuery for another one."""
    name, info = _zone(asked, at.zone_name)
    if not _same(info, zone(at.zone_name), asked):
        own = at.zone_name
        raise InvalidQuery(
            f"This is counted by days of {own}, not of {name}: ask with tz={own}, or without tz"
        )
    return name


def _require_hours(asked: Question, info: tzinfo, at: Reporting) -> None:
    """Raise InvalidQuery unless hourly counters can answer for days of a zone."""
    begins = [midnight(day, info) for day in _bounds(asked)]
    if any(begin.astimezone(UTC).minute or begin.astimezone(UTC).second for begin in begins):
        raise InvalidQuery(
            "The days of this time zone do not begin with a UTC hour, so hourly counters cannot be grouped "
            "into them: ask for a zone whose offset is of whole hours"
        )
    if begins[0] < at.now - at.hourly:
        raise InvalidQuery(
            f"Hours, and days of another time zone than {at.zone_name}, come from hourly counters, which are "
            f"kept for {at.hourly.days} days: ask for a later start_date, or for days of {at.zone_name}"
        )


def _zone(asked: Question, own: str) -> tuple[str, tzinfo]:
    if asked.offset is not None:
        shift = timedelta(minutes=-asked.offset)
        sign, minutes = ("-" if asked.offset > 0 else "+"), abs(asked.offset)
        return f"UTC{sign}{minutes // 60:02}:{minutes % 60:02}", timezone(shift)
    name = asked.tz or own
    if len(name) > _LONGEST_NAME:
        raise InvalidQuery("tz is not an IANA time zone, such as Europe/Rome")
    try:
        return name, zone(name)
    except (KeyError, OSError, ValueError):  # an unknown name, a folder of names, a path
        raise InvalidQuery(f"tz={name!r} is not an IANA time zone, such as Europe/Rome") from None


def _same(info: tzinfo, own: tzinfo, asked: Question) -> bool:
    """Whether two zones' days in question begin at the same moments."""
    return all(midnight(day, info) == midnight(day, own) for day in _bounds(asked))


def _bounds(asked: Question) -> list[date]:
    return [date.fromisoformat(day) for day in days_between(asked.start, asked.end + _DAY)]
