"""When budgets run out, and what a forecast says of each customer."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.builders import event
from tests.usage_by_hand import Counted
from tollgate.admission.policy import Policies, Stores
from tollgate.ids import first_id_at
from tollgate.limits import Cap, Limits, ModelLimit
from tollgate.queries.calendar import Reporting
from tollgate.queries.forecast import Forecast, ForecastParameters, Known, of_month
from tollgate.queries.reading import Source
from tollgate.queries.run_out import Budget, Moment, budgets, runs_out
from tollgate.queries.totals import Totals
from tollgate.settings import LimitSettings
from tollgate.storage.counter_keys import Dims
from tollgate.storage.counters import Counter
from tollgate.storage.customers import Customer, Profile
from tollgate.storage.wallets import Hold, Sum, Wallet, joined
from tollgate.windows import window

NOW = datetime(2026, 11, 16, tzinfo=UTC)  # a Monday, and the first moment of it
MADE = datetime(2026, 1, 1, tzinfo=UTC)
DIMS = Dims("fast", "gpt-4o-mini", "openai", "/chat/completions", "k")


def ten_a_day(_: date) -> Fraction:
    return Fraction(10)


def budget(kind: str, cap: str, used: str) -> Budget:
    return Budget(kind, Decimal(cap), window(kind, NOW, "UTC"), Decimal(used))


@pytest.mark.parametrize(
    ("kind", "cap", "used", "moment"),
    [
        ("1mo", "200", "150", NOW + timedelta(days=5)),
        ("1mo", "200", "175", NOW + timedelta(days=2, hours=12)),
        ("1mo", "300", "149", None),  # the month ends before
        ("1mo", "300", "150", NOW + timedelta(days=15)),  # with the month
        ("1mo", "150", "150", NOW),
        ("1mo", "150", "999", NOW),
        ("1d", "5", "0", NOW + timedelta(hours=12)),
        ("1h", "1", "0", None),
        ("ever", "1000", "500", NOW + timedelta(days=50)),
        ("ever", "100000", "500", None),  # not within a year
    ],
)
def test_a_budget_runs_out_where_the_days_to_come_use_it_up(
    kind: str, cap: str, used: str, moment: datetime | None
) -> None:
    assert runs_out(budget(kind, cap, used), ten_a_day, NOW, UTC) == moment


def test_who_spends_nothing_runs_out_of_nothing() -> None:
    assert runs_out(budget("ever", "1", "0"), lambda _: Fraction(0), NOW, UTC) is None


def test_what_no_wallet_keeps_yet_is_added_up_of_the_windows_days() -> None:
    clever = DIMS._replace(model_group="clever")
    days = [
        Counter("2026-11-01", DIMS, {"charge": Decimal(1)}),
        Counter("2026-11-02", clever, {"charge": Decimal(2)}),
        Counter("2026-11-16", DIMS, {"charge": Decimal(4)}),
        Counter("2026-10-31", DIMS, {"charge": Decimal(8)}),
    ]
    caps = dict.fromkeys(["1mo", "1d", "7d", "ever", "1mo|cl*", "ever|fast"], Decimal(100))
    found = budgets(caps, Customer("acme", spend=Decimal(1000)), days, Moment(NOW, "UTC", NOW))
    assert {one.kind: one.spent for one in found} == {
        "1mo": 7,
        "1d": 4,
        "7d": 4,
        "ever": 1000,
        "1mo|cl*": 2,
        "ever|fast": 13,
    }


def test_what_calls_hold_is_not_spent_and_not_left_and_that_of_dead_calls_is_nobodys() -> None:
    month = window("1mo", NOW, "UTC")
    holds = {
        first_id_at(NOW - timedelta(minutes=1)): Hold(Decimal(3), "fast"),
        first_id_at(NOW - timedelta(days=2)): Hold(Decimal(20), "fast"),
    }
    used = {Sum("w", "1mo", month.second): Decimal(73), Sum("w", "1mo|cl*", month.second): Decimal(1)}
    wallet = Wallet(joined(["1mo", "1mo|cl*"]), used, holds)
    caps = dict.fromkeys(["1mo", "1mo|cl*"], Decimal(100))
    at = Moment(NOW, "UTC", NOW - timedelta(minutes=16))
    whole, clever = budgets(caps, Customer("acme", wallet=wallet), [], at)
    assert [whole.spent, whole.held, whole.remaining] == [50, 3, 47]
    assert [clever.spent, clever.held, clever.remaining] == [1, 0, 99]


async def forecast(limits: Limits | None, **asked: Any) -> dict[str, Any]:
    """What is said in a deployment of one customer, that spent 10 USD every day of six weeks."""
    spent = [event(started_at=NOW - timedelta(days=n), charge=Decimal(10)) for n in range(1, 43)]
    counted = await Counted(spent, "UTC").count()
    stack, at = counted.stack, Reporting(NOW, "UTC")
    made = Customer("acme", created_at=MADE, profile=Profile(alias="Acme", limits=limits))
    await stack.database.transact([stack.customers.create(made)])
    policies = Policies(Stores(stack.customers, stack.budgets, stack.keys), LimitSettings(), "UTC")
    source = Source(stack.counters, Totals(stack.counters), at)
    told = Forecast(source, counted.rankings, Known(stack.customers, policies, 60))
    view = await told.answer(of_month(ForecastParameters(**asked), at), 50)
    assert [row["end_user_id"] for row in view.rows] == [one["end_user_id"] for one in view.body["results"]]
    return dict(view.body)


async def test_a_forecast_of_a_customer_and_its_budgets() -> None:
    limits = Limits(
        max_budget=Decimal(200),
        budget_duration="1mo",
        budget_limits=(Cap(Decimal(50), "1d"),),
        model_max_budget={"fast": ModelLimit(max_budget=Decimal(160), budget_duration="1mo")},
    )
    body = await forecast(limits)
    (found,) = body["results"]
    assert (found["end_user_id"], found["alias"], found["spent"]) == ("acme", "Acme", 150)
    assert found["forecast"] == found["low"] == found["high"] == 300
    ends = {(one["budget_duration"], one["model"]): one["runs_out_at"] for one in found["budgets"]}
    assert ends == {
        ("1mo", None): "2026-11-21T00:00:00Z",
        ("1d", None): None,
        ("1mo", "fast"): "2026-11-17T00:00:00Z",
    }
    monthly = next(one for one in found["budgets"] if one["max_budget"] == 200)
    assert monthly == {
        "budget_duration": "1mo",
        "model": None,
        "limit_source": "customer",
        "max_budget": Decimal(200),
        "spent": Decimal(150),
        "held": Decimal(0),
        "remaining": Decimal(50),
        "resets_at": "2026-12-01T00:00:00Z",
        "runs_out_at": "2026-11-21T00:00:00Z",
        "runs_out_on": "2026-11-21",
    }
    metadata = {"month_start": "2026-11-01", "month_end": "2026-11-30", "history_days": 28, "timezone": "UTC"}
    assert body["metadata"] == metadata


async def test_customers_that_are_named_are_foreseen_also_when_they_never_called() -> None:
    body = await forecast(None, end_user_ids=["nobody,acme"])
    assert [(one["end_user_id"], one["forecast"]) for one in body["results"]] == [
        ("acme", 300),
        ("nobody", 0),
    ]
    assert [one["budgets"] for one in body["results"]] == [[], []]
    assert (await forecast(None, exclude_end_user_ids=["acme"]))["results"] == []
