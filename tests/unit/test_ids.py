"""Request ids and days: where an entry lives, and which day it belongs to."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import request_id_at
from tollgate import days
from tollgate.ids import SLOTS, day_and_slot, first_id_at, instant, ledger_partition, new_request_id, slot_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=80_000)).map(lambda since: EPOCH + since)


def in_milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def test_a_request_id_is_a_uuid_of_version_7_that_says_when_it_was_made() -> None:
    before = in_milliseconds(datetime.now(UTC))
    made = new_request_id()
    assert UUID(made).version == 7
    assert before <= instant(made) <= datetime.now(UTC)


def test_request_ids_are_all_different_and_in_order_of_time() -> None:
    made = [new_request_id() for _ in range(2000)]
    assert made == sorted(set(made))


@given(moments)
def test_the_first_id_of_a_millisecond_is_the_smallest_that_can_be_made_in_it(moment: datetime) -> None:
    first = first_id_at(moment)
    assert instant(first) == in_milliseconds(moment)
    assert first <= request_id_at(moment)
    assert first > request_id_at(moment - timedelta(milliseconds=1), 0xFFFF)


@given(moments)
def test_an_id_alone_says_where_its_entry_is(moment: datetime) -> None:
    made = request_id_at(moment, 7)
    day, slot = day_and_slot(made).split("#")
    assert day == moment.strftime("%Y-%m-%d")
    assert day_and_slot(made) == ledger_partition(day, slot_of(made))
    assert int(slot) in range(SLOTS)


def test_ids_spread_over_all_slots() -> None:
    slots = [slot_of(new_request_id()) for _ in range(1600)]
    assert set(slots) == set(range(SLOTS))
    assert max(slots.count(slot) for slot in range(SLOTS)) < 200


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "chatcmpl-123",
        "123e4567-e89b-42d3-a456-426614174000",
        "0" * 31,
        "019df2e5-31c0-7000-8000-0000000000000",
    ],
)
def test_what_is_no_request_id_is_told_apart(text: str) -> None:
    with pytest.raises(ValueError, match="not a request id"):
        instant(text)


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2026-05-04T23:59:59.999+00:00", "UTC", "2026-05-04"),
        ("2026-05-05T00:00:00+00:00", "UTC", "2026-05-05"),
        ("2026-05-04T22:00:00+00:00", "Europe/Berlin", "2026-05-05"),
        ("2026-05-04T21:59:59+00:00", "Europe/Berlin", "2026-05-04"),
        ("2026-03-29T00:59:59+00:00", "Europe/Berlin", "2026-03-29"),
        ("2026-03-28T22:59:59+00:00", "Europe/Berlin", "2026-03-28"),
        ("2026-03-28T23:00:00+00:00", "Europe/Berlin", "2026-03-29"),
        ("2026-03-29T21:59:59+00:00", "Europe/Berlin", "2026-03-29"),
        ("2026-10-25T22:59:59+00:00", "Europe/Berlin", "2026-10-25"),
        ("2026-10-25T23:00:00+00:00", "Europe/Berlin", "2026-10-26"),
        ("2026-05-04T18:30:00+00:00", "Asia/Kolkata", "2026-05-05"),
        ("2026-05-04T10:00:00+00:00", "Pacific/Kiritimati", "2026-05-05"),
        ("2026-05-04T11:59:59+00:00", "Etc/GMT+12", "2026-05-03"),
        ("2026-12-31T23:30:00-05:00", "UTC", "2027-01-01"),
    ],
)
def test_a_day_is_a_day_in_the_reporting_zone(moment: str, zone: str, day: str) -> None:
    assert days.reporting_day(datetime.fromisoformat(moment), zone) == day


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_in_which_clocks_change_has_all_its_hours_and_no_more(day: str, hours: int) -> None:
    start = datetime.fromisoformat(f"{day}T00:00:00+00:00") - timedelta(hours=5)
    halves = [start + timedelta(minutes=30 * n) for n in range(70)]
    assert sum(days.reporting_day(moment, "Europe/Berlin") == day for moment in halves) == 2 * hours


@given(moments, st.sampled_from(["UTC", "Pacific/Kiritimati", "Etc/GMT+12", "America/St_Johns"]))
def test_a_reporting_day_lies_within_the_utc_days_it_is_looked_for_in(moment: datetime, zone: str) -> None:
    day = days.reporting_day(moment, zone)
    assert moment.strftime("%Y-%m-%d") in days.utc_days_of(date.fromisoformat(day))


def test_an_hour_is_an_hour_in_utc_whatever_the_zone_of_the_moment() -> None:
    assert days.utc_hour(datetime.fromisoformat("2026-05-04T23:59:59+02:00")) == "2026-05-04T21"
    assert days.utc_hour(datetime.fromisoformat("2026-05-05T00:30:00+05:30")) == "2026-05-04T19"


def test_days_between_two_days_are_all_of_them() -> None:
    assert days.days_between(date(2026, 2, 27), date(2026, 3, 1)) == [
        "2026-02-27",
        "2026-02-28",
        "2026-03-01",
    ]
    assert days.days_between(date(2026, 2, 27), date(2026, 2, 27)) == ["2026-02-27"]
    assert days.days_between(date(2026, 2, 27), date(2026, 2, 26)) == []
    assert len(days.days_between(date(2024, 1, 1), date(2024, 12, 31))) == 366


def test_months_between_two_days_are_cut_to_them() -> None:
    assert days.months_between(date(2026, 1, 30), date(2026, 3, 2)) == [
        ("2026-01-30", "2026-01-31"),
        ("2026-02-01", "2026-02-28"),
        ("2026-03-01", "2026-03-02"),
    ]
