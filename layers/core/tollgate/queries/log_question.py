"""What a question to the spend logs asks, checked (reference 4.1 and 4.2).

A day is one of the reporting time zone, and the last day is included; a moment with a time is UTC.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from tollgate.days import midnight, reporting_day, zone
from tollgate.queries import cursors
from tollgate.queries.budget_table import Clock
from tollgate.queries.log_parameters import UNKNOWN, Filters, LogParameters, SortBy, filters_of
from tollgate.queries.question import MAX_DAYS, UNASSIGNED, InvalidQuery, check_readable

_DAY: Final = timedelta(days=1)
_DEFAULT: Final = timedelta(days=29)  # and today
_SECOND: Final = timedelta(seconds=1)
_YEARS: Final = range(2000, 9999)
_LIST: Final = "spend_logs"
_WITH_TIME: Final = "%Y-%m-%d %H:%M:%S"


class LogQuestion(NamedTuple):
    """Which records, of which customers (None: everybody's), that began in [start, end), in which order.

    `behind` is the request id to go on behind.
    """

    start: datetime
    end: datetime
    customers: tuple[str, ...] | None = None
    filters: Filters = Filters()
    sort_by: SortBy = "startTime"
    newest_first: bool = True
    behind: str = ""

    @property
    def in_order_of_time(self) -> bool:
        """Whether records come as the ledger keeps them."""
        return self.sort_by == "startTime"


def log_question(asked: LogParameters, clock: Clock, may: frozenset[str] | None) -> LogQuestion:
    """The question in a query string, or the one that its cursor goes on with.

    `may` are the customers that may be read, None for all. Raises InvalidQuery, NotAllowed.
    """
    found = _question(asked, clock)
    return found._replace(customers=permitted(found.customers, may))


def _question(asked: LogParameters, clock: Clock) -> LogQuestion:
    for name in UNKNOWN:
        if getattr(asked, name):
            raise InvalidQuery(f"{name} is not kept here, so that nothing can be found by it")
    if asked.cursor:
        return _continued(asked, clock)
    if not (asked.start_date and asked.end_date):
        raise InvalidQuery("Start date and end date are required")
    start, end = _moment(asked.start_date, clock), _end(asked.end_date, clock)
    if end <= start:
        raise InvalidQuery("end_date must be on or after start_date")
    if end - start > MAX_DAYS * _DAY + timedelta(hours=1):  # a day of a change of clocks has 25
        raise InvalidQuery(f"Date range must be at most {MAX_DAYS} days")
    newest_first = asked.sort_order == "desc"
    return LogQuestion(start, end, customers_of(asked), filters_of(asked), asked.sort_by, newest_first)


def with_days(asked: LogParameters, clock: Clock) -> LogParameters:
    """The same of the last 30 days when it names no days."""
    if asked.cursor or asked.start_date or asked.end_date:
        return asked
    today = date.fromisoformat(reporting_day(clock.now, clock.zone_name))
    days = {"start_date": (today - _DEFAULT).isoformat(), "end_date": today.isoformat()}
    return asked.model_copy(update=days)


def customers_of(asked: LogParameters) -> tuple[str, ...] | None:
    """The customer asked for, None for all: LiteLLM's user and end user are the same here.

    `Unassigned` asks for calls that named no customer, and for a customer of that name. Raises InvalidQuery.
    """
    named = {asked.end_user.strip(), asked.user_id.strip()} - {""}
    if len(named) > 1:
        raise InvalidQuery("end_user and user_id are the same here: ask for one customer")
    return tuple(sorted(named | ({""} if UNASSIGNED in named else set()))) or None


def permitted(customers: tuple[str, ...] | None, may: frozenset[str] | None) -> tuple[str, ...] | None:
    """The customers asked for, or all that may be read; None for everybody. Raises NotAllowed for another."""
    if may is None:
        return customers
    if customers is None:
        return tuple(sorted(may))
    check_readable(frozenset(customers), may)
    return customers


def cursor_behind(asked: LogQuestion, request_id: str) -> str:
    """The cursor of what follows a record."""
    return cursors.written(asked._replace(behind=request_id), _LIST)


def _continued(asked: LogParameters, clock: Clock) -> LogQuestion:
    found = cursors.read(asked.cursor, LogQuestion, _LIST)
    given = asked.model_copy(update={"cursor": ""})
    same = customers_of(given) in (None, found.customers) and filters_of(given) in (Filters(), found.filters)
    if given.start_date or given.end_date:
        again = _question(given, clock)
        same = same and (again.start, again.end) == (found.start, found.end)
    if not same:
        raise InvalidQuery("The cursor is of another question: ask for its first page without a cursor")
    return found


def _moment(text: str, clock: Clock) -> datetime:
    """A day's beginning in the reporting zone, or a moment in UTC."""
    found = _day(text)
    return midnight(found, zone(clock.zone_name)) if found is not None else _instant(text)


def _end(text: str, clock: Clock) -> datetime:
    """The end of a day, which is included, or of the second of a moment."""
    found = _day(text)
    return midnight(found + _DAY, zone(clock.zone_name)) if found is not None else _instant(text) + _SECOND


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.isoformat() == text and found.year in _YEARS else None


def _instant(text: str) -> datetime:
    try:
        found: Any = datetime.strptime(text, _WITH_TIME).replace(tzinfo=UTC)
    except ValueError:
        found = None
    if found is None or found.strftime(_WITH_TIME) != text or found.year not in _YEARS:
        raise InvalidQuery(
            "start_date and end_date must be YYYY-MM-DD or YYYY-MM-DD HH:MM:SS (UTC), in years 2000 to 9998"
        )
    return found  # type: ignore[no-any-return]
