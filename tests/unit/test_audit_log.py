"""The audit, page after page: newest first, by what was asked, each record once."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import FakeAws
from tests.stack import Stack
from tollgate.errors import TollgateError
from tollgate.ids import first_id_at
from tollgate.queries import cursors
from tollgate.queries.audit_log import AuditLog, AuditParameters, audit_question
from tollgate.queries.budget_table import Clock
from tollgate.storage.audit import AuditRecord

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
CLOCK = Clock(NOW, "UTC")


async def written(stack: Stack, *ages: timedelta, **changes: str) -> None:
    """One record for each age, told apart by their milliseconds."""
    plain = {
        "action": "key.update",
        "object_type": "key",
        "object_id": "k1",
        "changed_by": "me",
        "source": "",
    }
    for n, age in enumerate(ages):
        moment = NOW - age + timedelta(milliseconds=n)
        record = AuditRecord(first_id_at(moment), **plain | changes, before='{"a":0.1}')
        await stack.database.transact([stack.audit.record(record)])


async def asked(stack: Stack, clock: Clock = CLOCK, **query: Any) -> dict[str, Any]:
    parameters = AuditParameters(**query)
    question = audit_question(parameters, clock)
    return await AuditLog(stack.audit).page(question, parameters.page_size)


async def every_page(stack: Stack, **query: Any) -> list[dict[str, Any]]:
    page = await asked(stack, **query)
    found = list(page["audit_logs"])
    while page["has_more"]:
        page = await asked(stack, page_size=query["page_size"], cursor=page["next_cursor"])
        found += page["audit_logs"]
    assert page["next_cursor"] is None
    return found


def days(*counts: float) -> list[timedelta]:
    return [timedelta(days=count) for count in counts]


async def test_a_record_is_shown_whole(stack: Stack) -> None:
    await written(stack, timedelta())
    (row,) = (await asked(stack))["audit_logs"]
    assert row == {
        "id": first_id_at(NOW),
        "updated_at": "2026-05-04T12:00:00.000Z",
        "changed_by": "me",
        "action": "key.update",
        "object_type": "key",
        "object_id": "k1",
        "source": "",
        "before_value": {"a": row["before_value"]["a"]},
        "updated_values": None,
    }
    assert str(row["before_value"]["a"]) == "0.1"


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize("query", [{}, {"object_id": "k1"}, {"object_type": "key", "object_id": "k1"}])
async def test_pages_have_every_record_once_newest_first(
    stack: Stack, aws: FakeAws, size: int, query: dict[str, str]
) -> None:
    aws.dynamodb.page_size = 2
    await written(stack, *days(0, 0, 0, 1, 1, 2, 9, 29))
    found = [row["id"] for row in await every_page(stack, page_size=size, **query)]
    assert len(found) == 8
    assert all(later > earlier for later, earlier in pairwise(found))


async def test_the_last_thirty_days_unless_others_are_asked_for(stack: Stack) -> None:
    await written(stack, *days(0, 29.4, 29.6, 40))
    assert len((await asked(stack))["audit_logs"]) == 2
    assert len((await asked(stack, start_date="2026-03-25"))["audit_logs"]) == 4
    assert len((await asked(stack, end_date="2026-05-03"))["audit_logs"]) == 2
    range_: Any = {"start_date": "2026-03-25", "end_date": "2026-03-25"}
    assert len((await asked(stack, **range_))["audit_logs"]) == 1


async def test_days_are_those_of_the_reporting_zone(stack: Stack) -> None:
    await written(stack, timedelta(hours=13), timedelta(hours=11))  # 23:00 and 01:00 in UTC
    day: Any = {"start_date": "2026-05-04", "end_date": "2026-05-04"}
    for zone, found in (("UTC", 1), ("Asia/Tokyo", 2), ("America/New_York", 0)):
        assert len((await asked(stack, Clock(NOW, zone), **day))["audit_logs"]) == found


async def test_filters(stack: Stack) -> None:
    await written(stack, timedelta())
    await written(stack, timedelta(hours=1), object_type="customer", object_id="a#b", action="customer.new")
    await written(stack, timedelta(hours=2), changed_by="you", object_id="k2", action="key.new")
    expected: list[tuple[Any, list[str]]] = [
        ({"object_type": "customer"}, ["a#b"]),
        ({"object_type": "customer", "object_id": "a#b"}, ["a#b"]),
        ({"object_id": "k2"}, ["k2"]),
        ({"object_type": "budget", "object_id": "k2"}, []),
        ({"action": "key.update"}, ["k1"]),
        ({"action": "new"}, ["a#b", "k2"]),
        ({"changed_by": "you"}, ["k2"]),
        ({"changed_by": "me", "action": "new"}, ["a#b"]),
    ]
    for query, found in expected:
        assert [row["object_id"] for row in (await asked(stack, **query))["audit_logs"]] == found


async def test_a_full_page_is_read_no_further(stack: Stack, aws: FakeAws) -> None:
    await written(stack, *days(0, 0, 0, 0, 5))
    aws.calls.clear()
    assert (await asked(stack, page_size=3))["has_more"]
    assert len(aws.called("Query")) == 16


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"start_date": "2026-5-4"}, "valid YYYY-MM-DD"),
        ({"start_date": "2026-05-05"}, "end_date must be on or after start_date"),
        ({"start_date": "2025-03-01"}, "at most 400 days"),
        ({"end_date": "9999-12-31"}, "in a year from 2000 to 9998"),
        ({"start_date": "0001-01-01", "end_date": "0001-01-01"}, "in a year from 2000 to 9998"),
        ({"cursor": "abc"}, "cursor is not one"),
    ],
)
def test_bad_questions_are_told_what_is_wrong(query: Any, told: str) -> None:
    with pytest.raises(TollgateError, match=told) as refused:
        audit_question(AuditParameters(**query), CLOCK)
    assert refused.value.status == 400


async def test_a_cursor_goes_on_with_its_own_question_only(stack: Stack) -> None:
    await written(stack, *days(0, 1))
    cursor = (await asked(stack, page_size=1, action="update"))["next_cursor"]
    assert len((await asked(stack, cursor=cursor, action="update"))["audit_logs"]) == 1
    with pytest.raises(TollgateError, match="of another question"):
        await asked(stack, cursor=cursor, action="new")


@given(st.data())
def test_a_cursor_that_was_changed_is_refused(data: st.DataObject) -> None:
    question = audit_question(AuditParameters(), CLOCK)._replace(before=first_id_at(NOW))
    text = cursors.written(question, "audit")
    assert audit_question(AuditParameters(cursor=text), CLOCK) == question
    place = data.draw(st.integers(0, len(text) - 1))
    tampered = text[:place] + data.draw(st.sampled_from("AZaz09-_=+/ é")) + text[place + 1 :]
    if tampered != text:
        with pytest.raises(TollgateError):
            audit_question(AuditParameters(cursor=tampered), CLOCK)


@pytest.mark.parametrize(
    "before", ["", "x", first_id_at(NOW + timedelta(days=1)), first_id_at(NOW - timedelta(days=99))]
)
def test_not_even_a_well_made_cursor_leaves_its_days(before: str) -> None:
    question = audit_question(AuditParameters(), CLOCK)._replace(before=before)
    with pytest.raises(TollgateError, match="cursor is not one"):
        audit_question(AuditParameters(cursor=cursors.written(question, "audit")), CLOCK)
