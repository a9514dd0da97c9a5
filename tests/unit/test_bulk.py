"""Thousands of customers in one body: what can be made is, and every row is reported."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes import FakeAws
from tests.managing import created, customers, records, stored, tier
from tests.stack import Stack
from tollgate.errors import BodyTooLarge, InvalidBody
from tollgate.management import bulk
from tollgate.management.bulk import Bulk
from tollgate.management.bulk_rows import rows_of_csv, rows_of_json

CSV = """\ufeffuser_id,alias,max_budget,budget_duration,blocked,models,metadata,budget_id
a,"Doe, John",0.10,30d,true,"gpt-4o, o1*",,
 b ,,,,,,"{""plan"": 1.50}",gold
c,,minus,,,,,
d,,,,,,not json,
e,,,,,,,silver
a,,,,,,,
f,,,,,,,,,too,long
,no id,,,,,,
"""


async def report(stack: Stack, rows: list[Any]) -> dict[str, Any]:
    return await Bulk(customers(stack)).create(rows)


def outcomes(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(r["row"], r["user_id"], r["status"], r.get("field")) for r in found["rows"]]


async def test_csv_goes_on_past_bad_rows_and_says_what_was_wrong(stack: Stack) -> None:
    await tier(stack, budget_id="gold", max_budget=5)
    found = await report(stack, rows_of_csv(CSV))
    assert (found["created"], found["failed"]) == (2, 6)
    assert outcomes(found) == [
        (1, "a", "created", None),
        (2, "b", "created", None),
        (3, "c", "error", "max_budget"),
        (4, "d", "error", "metadata"),
        (5, "e", "error", "budget_id"),
        (6, "a", "error", "user_id"),
        (7, None, "error", None),
        (8, None, "error", "user_id"),
    ]
    assert found["rows"][2]["reason"] == "max_budget must be a non-negative finite number. Received: minus"
    first, second = await stored(stack, "a"), await stored(stack, "b")
    assert (first.alias, first.blocked, first.profile.models) == ("Doe, John", True, ("gpt-4o", "o1*"))
    assert first.profile.limits is not None
    assert first.profile.limits.max_budget == Decimal("0.1")
    assert (second.profile.budget_id, second.profile.metadata) == ("gold", {"plan": Decimal("1.50")})


async def test_json_rows_that_are_there_are_told_apart_from_those_that_are_made(stack: Stack) -> None:
    for name in ("c3", "c77"):
        await created(stack, user_id=name, alias="old")
    rows = rows_of_json({"customers": [{"user_id": f"c{n}"} for n in range(120)] + ["x", {"user_id": 5}]})
    found = await report(stack, rows)
    assert (found["created"], found["failed"]) == (118, 4)
    assert [r for r in outcomes(found) if r[2] == "error"] == [
        (4, "c3", "error", "user_id"),
        (78, "c77", "error", "user_id"),
        (121, None, "error", None),
        (122, None, "error", "user_id"),
    ]
    assert (await stored(stack, "c3")).alias == "old"
    assert len(await records(stack, "customer", "c4")) == 1


async def test_a_transaction_is_full_and_not_over(stack: Stack, aws: FakeAws) -> None:
    await report(stack, [{"user_id": f"c{n}"} for n in range(101)])
    sizes = sorted(len(call["TransactItems"]) for call in aws.called("TransactWriteItems"))
    assert sizes == [2, 100, 100]


async def test_what_the_store_does_not_take_is_reported_and_the_rest_is_made(
    stack: Stack, aws: FakeAws
) -> None:
    aws.fail("TransactWriteItems", "ValidationException")
    found = await report(stack, [{"user_id": f"c{n}"} for n in range(60)])
    assert (found["created"], found["failed"]) == (10, 50)
    assert len(aws.items("customers")) == 10


async def test_rows_that_time_does_not_allow_are_reported(
    stack: Stack, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "_SECONDS", -1.0)
    found = await report(stack, [{"user_id": "a"}])
    assert found["rows"][0]["reason"] == "Not made, for lack of time: send this row again"
    assert not aws.items("customers")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "user_id"),
        ("user_id\n", "0 customers"),
        ("alias\nx\n", "user_id"),
        ("user_id,max_buget\nx,1\n", "There is no field 'max_buget'"),
        ("user_id,user_id\nx,y\n", "once"),
        ('user_id\n"x\n', "not CSV"),
        ("user_id\n" + "x\n" * 10_001, "10001 customers"),
    ],
)
def test_csv_that_cannot_be_read_is_refused_whole(text: str, reason: str) -> None:
    with pytest.raises(InvalidBody, match=reason):
        rows_of_csv(text)


@pytest.mark.parametrize("text", ['"x"', "5", "null", "{}", '{"customers": 5}', "[]", '{"user_id": "a"}'])
def test_json_that_is_no_list_of_customers_is_refused_whole(text: str) -> None:
    with pytest.raises(InvalidBody):
        rows_of_json(json.loads(text))


def test_ids_too_long_for_one_report_are_refused_before_anything_is_made() -> None:
    with pytest.raises(BodyTooLarge):
        rows_of_json([{"user_id": '"' * 256} for _ in range(10_000)])
