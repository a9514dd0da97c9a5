"""What this month will have cost each customer, and when their budgets run out (docs/forecast.md)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Annotated, Any, Final, NamedTuple

from pydantic import Field

from tollgate.admission.policy import NO_LIMITS, Policies
from tollgate.days import days_between, zone
from tollgate.limits import fits
from tollgate.money import EXACT, ZERO
from tollgate.queries.boards import Board
from tollgate.queries.breakdown import entity
from tollgate.queries.calendar import Reporting
from tollgate.queries.formats import Formatted, View
from tollgate.queries.parallel import each
from tollgate.queries.question import Question, Selection, selected
from tollgate.queries.ranking import Rankings
from tollgate.queries.reading import Reading, Source
from tollgate.queries.run_out import Budget, Moment, budgets, runs_out
from tollgate.queries.standings import Selected
from tollgate.queries.weekdays import HISTORY, Outlook, Weekdays, days_ahead, learned, outlook
from tollgate.storage.counters import Counter
from tollgate.storage.customers import Customer, CustomersTable
from tollgate.tracking import caps_of, pattern_of

_DAY: Final = timedelta(days=1)
_LONGEST: Final = 399 * _DAY  # of a window whose days are added up
_NEVER: Final = date(1970, 1, 2)  # who was never made, like nobody, dates from the epoch in any zone
_COLUMNS: Final = (
    "end_user_id",
    "alias",
    "spent",
    "forecast",
    "low",
    "high",
    "first_budget_runs_out_on",
)


class ForecastParameters(Formatted):
    """The query string of a forecast; of the customers named, or those who spent most this month."""

    end_user_ids: list[str] = Field(default_factory=list)
    exclude_end_user_ids: list[str] = Field(default_factory=list)
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class _Month(NamedTuple):
    now: datetime
    info: tzinfo
    first: date
    last: date

    @property
    def today(self) -> date:
        return self.now.astimezone(self.info).date()


class Known(NamedTuple):
    """Who customers are, their limits, and how long a call can be under way."""

    customers: CustomersTable
    policies: Policies
    hold_seconds: int


class Forecast:
    """Forecasts from daily counters; limits are those that admission goes by, as are holds."""

    def __init__(self, source: Source, rankings: Rankings, known: Known) -> None:
        self._source = source
        self._rankings = rankings
        self._customers = known.customers
        self._policies = known.policies
        self._hold = timedelta(seconds=known.hold_seconds)

    async def answer(self, asked: Question, limit: int) -> View:
        """The month of each customer. Raises InvalidQuery, AwsError, AwsUnavailable."""
        month = month_of(self._source.at)
        ids = await self._ids(asked, limit)
        customers = await self._customers.get_many(ids)

        async def of(one: str) -> dict[str, Any]:
            return await self._of(customers.get(one) or Customer(one), asked, month)

        results = await each(of, ids)
        zone_name = self._source.at.zone_name
        metadata = {
            "month_start": month.first.isoformat(),
            "month_end": month.last.isoformat(),
            "history_days": HISTORY,
            "timezone": zone_name,
        }
        rows = [_row(result) for result in results]
        return View({"results": results, "metadata": metadata}, _COLUMNS, rows, zone_name)

    async def _ids(self, asked: Question, limit: int) -> list[str]:
        """Everybody who is named, or who spent most; the largest spend of this month first."""
        found = await Selected(self._source, asked, self._rankings).overall()
        if asked.customers is None:
            return found.ranks("spend").order[:limit]
        known = {one: found.standings.get(one, {}) for one in asked.customers}
        return Board(known).ranks("spend").order

    async def _of(self, customer: Customer, asked: Question, month: _Month) -> dict[str, Any]:
        limits, source = NO_LIMITS, ""
        if customer.customer_id:  # nobody has none
            limits, source = await self._policies.limits_of(customer)
        made = customer.created_at.astimezone(month.info).date()
        caps = caps_of(limits, month.now, made)
        days = await self._days(customer, asked, month, caps)
        found = forecast_of(days, made, month)
        since = self._source.at.now - self._hold
        limited = budgets(caps, customer, days, Moment(month.now, self._source.at.zone_name, since))
        shown = [one.shown(_runs_out(one, days, made, month), source, month.info) for one in limited]
        return {
            "end_user_id": entity(customer.customer_id),
            "alias": customer.alias,
            "spent": _spent(days, month),
            "forecast": found.expected,
            "low": found.low,
            "high": found.high,
            "budgets": shown,
        }

    async def _days(
        self, customer: Customer, asked: Question, month: _Month, caps: Iterable[str]
    ) -> list[Counter]:
        """Its counters since the month, the history or the oldest window of its budgets began."""
        start = month.today - HISTORY * _DAY
        if any(kind not in customer.wallet.kinds for kind in caps):
            start = month.today - _LONGEST
        span = replace(asked, start=min(start, month.first), end=month.today)
        shares = await Reading(self._source, span).shares([customer.customer_id])
        return [share.counter for share in shares]


def of_month(parameters: ForecastParameters, at: Reporting) -> Question:
    """The question that a forecast is about: this month until now. Raises InvalidQuery."""
    month = month_of(at)
    return selected(
        Selection(
            start_date=month.first.isoformat(),
            end_date=month.today.isoformat(),
            end_user_ids=parameters.end_user_ids,
            exclude_end_user_ids=parameters.exclude_end_user_ids,
        )
    )


def month_of(at: Reporting) -> _Month:
    """The present month, as of the last full hour: a question asked again has the same answer."""
    hour = at.now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    info = zone(at.zone_name)
    first = hour.astimezone(info).date().replace(day=1)
    following = (first + 31 * _DAY).replace(day=1)
    return _Month(hour, info, first, following - _DAY)


def forecast_of(days: Iterable[Counter], made: date, month: _Month) -> Outlook:
    """The outlook for a month, from a customer's daily counters."""
    counters = list(days)
    ahead = days_ahead(month.now, month.last, month.info)
    return outlook(_spent(counters, month), ahead, _weekdays(counters, made, month))


def _runs_out(budget: Budget, days: Iterable[Counter], made: date, month: _Month) -> datetime | None:
    pattern = pattern_of(budget.kind)
    some = [c for c in days if not pattern or (c.dims and fits(c.dims.model_group, pattern))]
    weekdays = _weekdays(some, made, month)

    def expected(day: date) -> Fraction:
        return weekdays.expected[day.weekday()]

    return runs_out(budget, expected, month.now, month.info)


def _weekdays(days: Iterable[Counter], made: date, month: _Month) -> Weekdays:
    """The days since the customer was made, or since its first call if that was before."""
    spend = _by_day(days)
    begun = [made] if made > _NEVER else []
    first = min([*begun, *map(date.fromisoformat, spend)], default=month.today)
    return learned(spend, first, month.today)


def _by_day(days: Iterable[Counter]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for counter in days:
        found[counter.label] = EXACT.add(found.get(counter.label, ZERO), counter.sums.get("charge", ZERO))
    return found


def _spent(days: Iterable[Counter], month: _Month) -> Decimal:
    inside = set(days_between(month.first, month.today))
    return reduce(EXACT.add, (amount for day, amount in _by_day(days).items() if day in inside), ZERO)


def _row(result: Mapping[str, Any]) -> dict[str, Any]:
    ends = sorted(one["runs_out_on"] for one in result["budgets"] if one["runs_out_on"])
    return {**result, "first_budget_runs_out_on": ends[0] if ends else None}
