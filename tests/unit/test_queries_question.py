from datetime import date
from typing import Any

import pytest

from tollgate.queries.question import InvalidQuery, Parameters, question

RANGE = {"start_date": "2026-01-01", "end_date": "2026-01-31"}

LISTS = (
    "end_user_ids and exclude_end_user_ids must be comma-separated lists; "
    "an id with a comma or a quote is quoted as in CSV"
)


def asked(**parameters: Any) -> Any:
    return question(Parameters(**{**RANGE, **parameters}))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"start_date": ""}, "Please provide start_date and end_date"),
        ({"end_date": ""}, "Please provide start_date and end_date"),
        ({"start_date": "yesterday"}, "start_date and end_date must be valid YYYY-MM-DD dates"),
        ({"start_date": "20260101"}, "start_date and end_date must be valid YYYY-MM-DD dates"),
        ({"start_date": "2026-W01-1"}, "start_date and end_date must be valid YYYY-MM-DD dates"),
        ({"end_date": "2026-02-30"}, "start_date and end_date must be valid YYYY-MM-DD dates"),
        ({"end_date": "2026-01-31T00:00"}, "start_date and end_date must be valid YYYY-MM-DD dates"),
        ({"end_date": "2025-12-31"}, "end_date must be on or after start_date"),
        ({"end_date": "2027-02-05"}, "Date range must be at most 400 days"),
        ({"page": 0}, "page and page_size must be at least 1"),
        ({"page_size": 0}, "page and page_size must be at least 1"),
        ({"end_user_ids": ['"open']}, LISTS),
        ({"exclude_end_user_ids": ['{"device":"d","session":"s"}']}, LISTS),
        ({"end_user_ids": ["two\nlines"]}, LISTS),
    ],
)
def test_nonsense_is_refused_in_litellms_words(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidQuery) as refused:
        asked(**parameters)
    assert (refused.value.status, refused.value.message) == (400, message)


def test_the_longest_range_is_400_days_both_ends_included() -> None:
    longest = asked(end_date="2027-02-04")
    assert (longest.end - longest.start).days == 399


def test_a_single_day_is_a_range() -> None:
    assert asked(end_date="2026-01-01").end == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("values", "customers"),
    [
        ([], None),
        ([""], None),
        ([" , ,"], None),
        (["a,b"], {"a", "b"}),
        ([" a , b"], {"a", "b"}),
        (["a", "b,c"], {"a", "b", "c"}),
        (['"Doe, John",b'], {"Doe, John", "b"}),
        (['"{""device"":""d"",""session"":""s""}"'], {'{"device":"d","session":"s"}'}),
        (["Unassigned"], {"", "Unassigned"}),
        (["x" * 256], {"x" * 256}),
        (["x" * 257], set()),
    ],
)
def test_customers_come_as_a_comma_separated_list(values: list[str], customers: set[str] | None) -> None:
    assert asked(end_user_ids=values).customers == customers


def test_a_customer_both_asked_for_and_excluded_is_not_answered() -> None:
    assert asked(end_user_ids=["a,b"], exclude_end_user_ids=["b"]).customers == {"a"}
    assert asked(end_user_ids=["b"], exclude_end_user_ids=["b"]).customers == set()


def test_excluding_alone_leaves_everybody_else() -> None:
    everybody_else = asked(exclude_end_user_ids=["b"])
    assert (everybody_else.customers, everybody_else.excluded) == (None, {"b"})
