"""Questions to the logs that make no sense, or that not everybody may ask."""

from typing import Any

import pytest

from tests.builders import NOON, event
from tests.logs import booked, page
from tests.stack import Stack
from tollgate.errors import NotAllowed
from tollgate.queries.question import InvalidQuery


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"start_date": ""}, "required"),
        ({"start_date": "2026-02-30"}, "YYYY-MM-DD"),
        ({"start_date": "2026-05-04T00:00:00"}, "YYYY-MM-DD"),
        ({"end_date": "9999-12-31"}, "YYYY-MM-DD"),
        ({"start_date": "2026-06-01"}, "on or after"),
        ({"start_date": "2020-01-01"}, "at most 400 days"),
        ({"min_spend": "NaN"}, "min_spend"),
        ({"min_spend": "2", "max_spend": "1"}, "max_spend"),
        ({"team_id": "t"}, "team_id"),
        ({"search": "t"}, "search"),
        ({"end_user": "a", "user_id": "b"}, "the same"),
        ({"cursor": "AAAA"}, "cursor"),
    ],
)
async def test_questions_that_make_no_sense_say_why(stack: Stack, asked: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidQuery, match=told):
        await page(stack, **asked)


async def test_a_cursor_goes_on_with_its_own_question_only(stack: Stack) -> None:
    await booked(stack, *(event(started_at=NOON) for _ in range(3)))
    cursor = (await page(stack, page_size=1))["next_cursor"]
    assert (
        len((await page(stack, cursor=cursor, start_date="2026-05-01", end_date="2026-05-31"))["data"]) == 2
    )
    days = {"start_date": "2026-05-02", "end_date": "2026-05-31"}
    others: list[Any] = [{"end_user": "acme"}, {"model": "x"}, days]
    for other in others:
        with pytest.raises(InvalidQuery, match="another question"):
            await page(stack, cursor=cursor, **other)
    changed = cursor[:-2] + ("A" if cursor[-2] != "A" else "B") + cursor[-1]
    with pytest.raises(InvalidQuery, match="cursor"):
        await page(stack, cursor=changed)


async def test_who_may_read_one_customer_reads_no_other(stack: Stack) -> None:
    await booked(stack, *(event(started_at=NOON, customer_id=one) for one in ("acme", "zoë", "")))
    may = frozenset({"acme"})
    assert [row["end_user"] for row in (await page(stack, may=may))["data"]] == ["acme"]
    with pytest.raises(NotAllowed):
        await page(stack, may=may, end_user="zoë")
    cursor = (await page(stack, page_size=1))["next_cursor"]
    found = await page(stack, may=may, cursor=cursor)
    assert {row["end_user"] for row in found["data"]} <= {"acme"}


async def test_a_customer_that_nobody_can_be_has_no_calls(stack: Stack) -> None:
    assert (await page(stack, end_user="x" * 500))["data"] == []
