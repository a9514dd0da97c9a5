"""When budgets run out, if days go on costing what they are expected to. Pure (docs/forecast.md)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

from tollgate import tracking, windows
from tollgate.days import microseconds, midnight, zone
from tollgate.limits import fits
from tollgate.money import EXACT, ZERO
from tollgate.queries.balances import alive, held
from tollgate.storage.counters import Counter
from tollgate.storage.customers import Customer
from tollgate.storage.wallets import Sum
from tollgate.windows import Window

_DAY: Final = timedelta(days=1)
_FORESEEN: Final = 400  # days
Expected = Callable[[date], Fraction]  # USD


class Budget(NamedTuple):
    """A limit of USD in its present window: of which models, what is spent of it, and held for calls."""

    kind: str
    cap: Decimal
    window: Window
    spent: Decimal
    held: Decimal = ZERO

    @property
    def remaining(self) -> Decimal:
        """USD left, never below zero."""
        return max(EXACT.subtract(EXACT.subtract(self.cap, self.spent), self.held), ZERO)

    def shown(self, runs_out: datetime | None, source: str, info: tzinfo) -> dict[str, Any]:
        """As answered; a lifetime never resets."""
        ends = None if self.window.is_lifetime else _text(self.window.end)
        return {
            "budget_duration": None if self.window.is_lifetime else self.window.kind.partition("^")[0],
            "model": tracking.pattern_of(self.kind) or None,
            "limit_source": source,
            "max_budget": self.cap,
            "spent": self.spent,
            "held": self.held,
            "remaining": self.remaining,
            "resets_at": ends,
            "runs_out_at": _text(runs_out) if runs_out else None,
            "runs_out_on": runs_out.astimezone(info).date().isoformat() if runs_out else None,
        }


class Moment(NamedTuple):
    """When budgets are looked at: in whose days, and since when calls that are under way can have begun."""

    now: datetime
    zone_name: str
    since: datetime


def budgets(
    caps: Mapping[str, Decimal], customer: Customer, days: Iterable[Counter], at: Moment
) -> list[Budget]:
    """A customer's budgets. What is spent is in its wallet, or where a limit is too new for that, in days."""
    counters, info = list(days), zone(at.zone_name)
    holds, found = customer.wallet.holds, []
    for kind, cap in caps.items():
        window = windows.window(kind.partition("|")[0], at.now, at.zone_name)
        inside = [c for c in counters if window.covers(midnight(date.fromisoformat(c.label), info))]
        spent = _spent(kind, window, customer, inside if window.is_of_days else [])
        if kind in customer.wallet.kinds:  # whose amounts are with what is held
            spent = EXACT.subtract(spent, held(holds, kind, window, at.zone_name))
        active = held(alive(holds, at.since), kind, window, at.zone_name)
        found.append(Budget(kind, cap, window, spent, active))
    return found


def runs_out(budget: Budget, expected: Expected, now: datetime, info: tzinfo) -> datetime | None:
    """When nothing is left of it; None when its window ends before, or a year has passed."""
    left, moment = Fraction(budget.remaining), now
    if not left:
        return now
    today = now.astimezone(info).date()
    for day in (today + n * _DAY for n in range(_FORESEEN)):
        begin, end = midnight(day, info), midnight(day + _DAY, info)
        until = min(end, budget.window.end)
        rate = expected(day) / microseconds(end - begin)
        spent = rate * microseconds(until - moment)
        if spent >= left:
            return moment + timedelta(microseconds=int(left / rate))
        left, moment = left - spent, until
        if moment >= budget.window.end:
            return None
    return None


def _spent(kind: str, window: Window, customer: Customer, days: Iterable[Counter]) -> Decimal:
    if kind in customer.wallet.kinds:
        return Decimal(customer.wallet.amount(Sum("w", kind, window.second)))
    pattern = tracking.pattern_of(kind)
    if window.is_lifetime and not pattern:
        return customer.spend
    total = ZERO
    for counter in days:
        if counter.dims and (not pattern or fits(counter.dims.model_group, pattern)):
            total = EXACT.add(total, counter.sums.get("charge", ZERO))
    return total


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
