"""For any events, range, filters and zone: every number is the sum of the events, to the last digit."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.usage_by_hand import (
    ZONES,
    Counted,
    amounts,
    customer,
    events,
    grouped,
    only,
    question,
    selections,
)
from tollgate.queries.daily_activity import DailyActivity
from tollgate.queries.export import ExportType, export
from tollgate.queries.question import Question, Selection
from tollgate.records import SpendEvent

NAMES = {
    "models": lambda one: one.entry.model,
    "model_groups": lambda one: one.entry.model_group,
    "providers": lambda one: one.entry.provider,
    "endpoints": lambda one: one.entry.endpoint,
    "api_keys": lambda one: one.entry.key_id,
    "entities": customer,
}
own = selections()
others = st.one_of(
    *(selections(oldest=33, tz=tz) for tz in ("UTC", "Europe/Rome", "America/New_York")),
    *(selections(oldest=33, timezone=minutes) for minutes in (-600, 0, 300)),
)


async def answered(counted: Counted, asked: Question, key_limit: int | None = None) -> dict[str, Any]:
    return await DailyActivity(counted.source, counted.rankings, counted.names).answer(asked, key_limit)


def check(counted: Counted, asked: Question, body: dict[str, Any]) -> None:
    spent = counted.asked(asked)
    days = grouped(spent, lambda one: counted.day(asked, one))
    assert [day["date"] for day in body["results"]] == sorted(days, reverse=True)
    for day in body["results"]:
        of_day = [one for one in spent if counted.day(asked, one) == day["date"]]
        assert only(day["metrics"]) == days[day["date"]]
        for dimension, name in NAMES.items():
            found = {key: only(part["metrics"]) for key, part in day["breakdown"][dimension].items()}
            assert found == grouped(of_day, name), dimension
    assert {name: body["metadata"][_total(name)] for name in amounts([])} == amounts(spent)


def _total(name: str) -> str:
    return f"total_{name.removeprefix('total_')}"


@given(events, st.sampled_from(ZONES), own)
async def test_the_days_of_the_reporting_zone(spent: list[SpendEvent], zone: str, asked: Selection) -> None:
    counted = await Counted(spent, zone).count()
    check(counted, question(asked), await answered(counted, question(asked)))


@given(events, st.sampled_from(ZONES), others)
async def test_the_days_of_another_zone(spent: list[SpendEvent], zone: str, asked: Selection) -> None:
    counted = await Counted(spent, zone).count()
    check(counted, question(asked), await answered(counted, question(asked)))


@given(events, st.sampled_from(ZONES[:3]), st.one_of(own, others), st.integers(0, 4))
async def test_customers_told_apart_and_all_others_are_everybody(
    spent: list[SpendEvent], zone: str, asked: Selection, limit: int
) -> None:
    counted = await Counted(spent, zone).count()
    limited = replace(question(asked), entity_limit=limit)
    for day in (await answered(counted, limited))["results"]:
        entities = {name: only(part["metrics"]) for name, part in day["breakdown"]["entities"].items()}
        assert len(entities.keys() - {" Others"}) <= limit
        if limit:
            assert summed(entities.values()) == only(day["metrics"])


@given(events, own, st.integers(1, 3))
async def test_keys_told_apart_and_all_others_are_every_key(
    spent: list[SpendEvent], asked: Selection, limit: int
) -> None:
    counted = await Counted(spent, "UTC").count()
    body = await answered(counted, question(asked), limit)
    keys = {one.entry.key_id for one in counted.asked(question(asked))}
    assert body["metadata"]["total_api_keys"] == len(keys)
    for day in body["results"]:
        found = {name: only(part["metrics"]) for name, part in day["breakdown"]["api_keys"].items()}
        assert len(found.keys() - {" Others"}) <= limit
        assert summed(found.values()) == only(day["metrics"])


@given(events, st.sampled_from(ZONES[:3]), st.one_of(own, others), st.integers(1, 9))
async def test_the_pages_are_the_whole(
    spent: list[SpendEvent], zone: str, asked: Selection, size: int
) -> None:
    counted = await Counted(spent, zone).count()
    whole = await answered(counted, question(asked))
    pages: list[dict[str, Any]] = []
    more = True
    while more:
        page = replace(question(asked), page=len(pages) + 1, page_size=size)
        pages.append(await answered(counted, page))
        more = pages[-1]["metadata"]["has_more"]
        assert pages[-1]["metadata"]["total_spend"] == whole["metadata"]["total_spend"]
    assert [day for page in pages for day in page["results"]] == whole["results"]


KINDS: dict[ExportType, Any] = {
    "daily": lambda _: (),
    "daily_with_keys": lambda one: (one.entry.key_id,),
    "daily_with_models": lambda one: (one.entry.model,),
    "daily_with_users": lambda _: (),
}
COLUMNS: dict[ExportType, tuple[str, ...]] = {
    "daily_with_keys": ("api_key",),
    "daily_with_models": ("model",),
}


@given(events, st.sampled_from(ZONES[:3]), st.one_of(own, others), st.sampled_from(sorted(KINDS)))
async def test_a_download_has_every_row(
    spent: list[SpendEvent], zone: str, asked: Selection, kind: ExportType
) -> None:
    counted = await Counted(spent, zone).count()
    of = question(asked)
    rows = (await export(of, kind, counted.source, counted.names)).rows
    columns = ("date", "entity_id", *COLUMNS.get(kind, ()))
    expected = grouped(
        counted.asked(of), lambda one: (counted.day(of, one), customer(one), *KINDS[kind](one))
    )
    assert spends(rows, columns) == {key: sums["spend"] for key, sums in expected.items()}


@given(events, others)
async def test_a_download_by_the_hour(spent: list[SpendEvent], asked: Selection) -> None:
    counted = await Counted(spent, "UTC").count()
    of = question(asked)
    rows = (await export(of, "hourly", counted.source, counted.names)).rows
    expected = grouped(counted.asked(of), lambda one: (hour(counted, of, one), customer(one)))
    assert spends(rows, ("hour", "entity_id")) == {key: sums["spend"] for key, sums in expected.items()}


def hour(counted: Counted, asked: Question, one: SpendEvent) -> str:
    local = one.entry.started_at.replace(minute=0, second=0, microsecond=0).astimezone(counted.info(asked))
    return local.isoformat(timespec="minutes")


def spends(rows: Iterable[Any], columns: tuple[str, ...]) -> dict[tuple[str, ...], Any]:
    found = {tuple(row[column] for column in columns): row["spend"] for row in rows}
    assert len(found) == len(list(rows))
    return found


def summed(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    total = amounts([])
    for part in parts:
        total = {name: total[name] + part[name] for name in total}
    return total
