"""LiteLLM's global views, reports and key lists: for any events they are what the events add up to."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import event
from tests.usage_by_hand import NOW, Counted, customer, events, grouped, question, selections
from tollgate.queries import global_activity, global_spend, key_activity, spend_report
from tollgate.queries.global_spend import GlobalParameters, in_range
from tollgate.queries.key_activity import KeysParameters, SearchParameters, TopKeysParameters
from tollgate.queries.question import Selection, selected
from tollgate.queries.reading import Reading
from tollgate.queries.standings import Selected
from tollgate.records import SpendEvent

any_selection = st.one_of(selections(), selections(oldest=33, tz="America/New_York"))


def spend(groups: dict[Any, dict[str, Any]]) -> dict[Any, Decimal]:
    return {name: sums["spend"] for name, sums in groups.items()}


@given(events, any_selection)
async def test_spend_by_day_key_model_provider_and_customer(
    spent: list[SpendEvent], asked: Selection
) -> None:
    counted = await Counted(spent, "UTC").count()
    of = question(asked)
    found = counted.asked(of)
    sheet = await Reading(counted.source, of).sheet()
    whole = sum((one.charge for one in found), Decimal(0))
    assert global_spend.whole(sheet, "UTC").body == {"spend": whole, "max_budget": None}

    by_day = global_spend.by_date(sheet, "UTC").body
    assert [row["date"] for row in by_day] == sorted(row["date"] for row in by_day)
    assert {r["date"]: r["spend"] for r in by_day} == spend(grouped(found, lambda e: counted.day(of, e)))

    keys = (await global_spend.keys(sheet, "UTC", None, counted.names)).body
    assert {r["api_key"]: r["total_spend"] for r in keys} == spend(grouped(found, lambda e: e.entry.key_id))
    models = global_spend.models(sheet, "UTC", 100).body
    assert {r["model"]: r["total_spend"] for r in models} == spend(grouped(found, lambda e: e.entry.model))
    providers = global_spend.providers(sheet, "UTC").body
    assert {r["provider"]: r["spend"] for r in providers} == spend(grouped(found, lambda e: e.entry.provider))

    board = await Selected(counted.source, of, counted.rankings).board()
    customers = global_spend.end_users(board, "UTC", 100).body
    assert {r["end_user"]: (r["total_spend"], r["total_count"]) for r in customers} == {
        one: (sums["spend"], sums["api_requests"]) for one, sums in grouped(found, customer).items()
    }
    amounts = [row["total_spend"] for row in customers]
    assert amounts == sorted(amounts, reverse=True)


@given(events, any_selection)
async def test_reports_by_customer_and_by_key(spent: list[SpendEvent], asked: Selection) -> None:
    counted = await Counted(spent, "UTC").count()
    of = question(asked)
    found = counted.asked(of)
    shares = await Selected(counted.source, of, counted.rankings).shares()
    report = spend_report.by_customer(shares, "UTC")
    assert {
        (row["group_by_day"], row["customer"], row["model"], row["api_key"]): row["spend"]
        for row in report.rows
    } == spend(grouped(found, lambda e: (counted.day(of, e), customer(e), e.entry.model, e.entry.key_id)))
    for day in report.body:
        for one in day["customers"]:
            assert one["total_spend"] == sum((cell["spend"] for cell in one["metadata"]), Decimal(0))

    keys = spend_report.by_key(await Reading(counted.source, of).sheet(), "UTC")
    expected = grouped(found, lambda e: (e.entry.key_id, e.entry.model))
    assert {(r["api_key"], r["model"]): _cost(r) for r in keys.rows} == {
        cell: (sums["spend"], sums["prompt_tokens"], sums["completion_tokens"])
        for cell, sums in expected.items()
    }


@given(events, any_selection)
async def test_activity_is_in_the_order_of_days_and_adds_up(
    spent: list[SpendEvent], asked: Selection
) -> None:
    counted = await Counted(spent, "UTC").count()
    of = question(asked)
    found = counted.asked(of)
    sheet = await Reading(counted.source, of).sheet()
    days = grouped(found, lambda one: counted.day(of, one))
    view = global_activity.activity(sheet, "UTC")
    assert [(r["date"], r["api_requests"], r["total_tokens"]) for r in view.rows] == [
        (day, sums["api_requests"], sums["total_tokens"]) for day, sums in sorted(days.items())
    ]
    assert view.body["sum_api_requests"] == len(found)
    by_model = global_activity.activity_by_model(sheet, "UTC").body
    assert {one["model"]: one["sum_api_requests"] for one in by_model} == {
        group: sums["api_requests"]
        for group, sums in grouped(found, lambda one: one.entry.model_group).items()
    }


@given(events, any_selection, st.integers(1, 2))
async def test_the_pages_of_keys_are_all_keys(spent: list[SpendEvent], asked: Selection, limit: int) -> None:
    counted = await Counted(spent, "UTC").count()
    of = question(asked)
    sheet = await Reading(counted.source, of).sheet()
    found: list[Any] = []
    for offset in range(0, 4, limit):
        parameters = KeysParameters(offset=offset, limit=limit)
        body = await key_activity.answer(sheet, parameters, counted.names)
        found += body["api_keys"]
    expected = grouped(counted.asked(of), lambda one: one.entry.key_id)
    assert {key["api_key"]: key["metrics"]["spend"] for key in found} == spend(expected)
    assert len(found) == len(expected) == body["total_api_keys"]


async def test_the_keys_of_a_model_and_those_that_a_text_finds() -> None:
    spent = [
        event(started_at=NOW, key_id="k1", model_group="fast", model="gpt-4o-mini", charge=Decimal(1)),
        event(started_at=NOW, key_id="k2", model_group="fast", model="gpt-4o", charge=Decimal(2)),
        event(started_at=NOW, key_id="x3", model_group="clever", model="gpt-4o", charge=Decimal(4)),
    ]
    counted = await Counted(spent, "UTC").count()
    sheet = await Reading(counted.source, selected(in_range(GlobalParameters(), counted.source.at))).sheet()
    for parameters, keys in (
        (TopKeysParameters(model_group="fast"), ["k2", "k1"]),
        (TopKeysParameters(model_group="gpt-4o", by_model_group=False), ["x3", "k2"]),
        (TopKeysParameters(model_group="fast", limit=1), ["k2"]),
        (SearchParameters(search="K"), ["k2", "k1"]),
        (SearchParameters(search="nothing"), []),
    ):
        body = await key_activity.answer(sheet, parameters, counted.names)
        assert [key["api_key"] for key in body["api_keys"]] == keys


async def test_without_dates_the_last_thirty_days_are_meant_and_one_customer_can_be() -> None:
    counted = Counted([], "UTC")
    asked = selected(in_range(GlobalParameters(customer_id='a "b", c'), counted.source.at))
    assert (asked.start.isoformat(), asked.end.isoformat()) == ("2026-10-07", "2026-11-05")
    assert asked.customers == frozenset({'a "b", c'})


async def test_a_day_has_its_old_short_name() -> None:
    counted = await Counted([event(started_at=NOW)], "UTC").count()
    of = selected(in_range(GlobalParameters(), counted.source.at))
    view = global_activity.activity(await Reading(counted.source, of).sheet(), "UTC")
    assert view.body["daily_data"] == [{"date": "Nov 05", "api_requests": 1, "total_tokens": 15}]


def _cost(row: Any) -> tuple[Any, ...]:
    return row["total_cost"], row["total_input_tokens"], row["total_output_tokens"]
