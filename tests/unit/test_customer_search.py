"""Searches of customers: what they find, in pages of any size, and how little they read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON
from tests.stack import Stack
from tollgate.errors import TollgateError
from tollgate.limits import Limits
from tollgate.queries.budget_table import Clock
from tollgate.queries.customer_list import CustomerList, ListParameters, Page
from tollgate.storage.budgets import Budget
from tollgate.storage.customers import Customer, Profile

TEXTS = st.text("aAbBé\nİ🌉", min_size=1, max_size=5).filter(str.strip)
PEOPLE = st.dictionaries(TEXTS, st.none() | TEXTS, max_size=25)


async def having(stack: Stack, aliases: dict[str, str | None], tier: str | None = None) -> CustomerList:
    for customer_id, alias in aliases.items():
        customer = Customer(customer_id, profile=Profile(alias=alias, budget_id=tier))
        await stack.database.transact([stack.customers.create(customer)])
    return CustomerList(stack.directory, stack.customers, stack.budgets, Clock(NOON, "UTC"))


def ids(page: Page) -> list[str]:
    return [customer["user_id"] for customer in page.customers]


async def through(found: CustomerList, **asked: object) -> list[str]:
    """Every page by cursor, one after another."""
    seen, cursor = [], ""
    for _ in range(200):
        page = await found.page(ListParameters.model_validate({**asked, "cursor": cursor}))
        seen += ids(page)
        cursor = page.next_cursor
        if not cursor:
            return seen
    raise AssertionError("the cursors lead in a circle")


def fits(text: str, customer_id: str, alias: str | None, match: str) -> bool:
    names = [customer_id.lower(), (alias or "").lower()]
    if match == "prefix":
        return any(name.startswith(text.lower()) for name in names if name)
    return text.lower() in "\n".join(names)


@pytest.mark.parametrize("match", ["contains", "prefix"])
@given(PEOPLE, TEXTS, st.integers(1, 4), st.integers(1, 3))
async def test_pages_by_cursor_are_all_that_fits_and_each_once(
    match: str, people: dict[str, str | None], text: str, size: int, cut: int
) -> None:
    stack = Stack.over()
    stack.aws.dynamodb.page_size = cut
    found = await having(stack, people)
    expected = sorted(one for one, alias in people.items() if fits(text, one, alias, match))
    assert sorted(await through(found, search=text, match=match, page_size=size)) == expected


@given(PEOPLE, TEXTS, st.integers(1, 4), st.integers(1, 3))
async def test_pages_by_number_are_all_that_contains_a_text_in_order(
    people: dict[str, str | None], text: str, size: int, cut: int
) -> None:
    stack = Stack.over()
    found = await having(stack, people)
    expected = sorted(one for one, alias in people.items() if fits(text, one, alias, "contains"))
    first = await found.page(ListParameters(search=text, page_size=size))
    assert first.total == len(expected)
    stack.aws.dynamodb.page_size = cut
    for number in range(2, len(expected) // size + 2):
        page = await found.page(ListParameters(search=text, page_size=size, page=number))
        assert ids(page) == expected[(number - 1) * size : number * size]


@given(PEOPLE, TEXTS, st.integers(1, 4))
async def test_pages_by_number_are_all_that_begins_with_a_text(
    people: dict[str, str | None], text: str, size: int
) -> None:
    found = await having(Stack.over(), people)
    expected = [one for one, alias in people.items() if fits(text, one, alias, "prefix")]
    asked = {"search": text, "match": "prefix", "page_size": size}
    pages = [
        ids(await found.page(ListParameters.model_validate({**asked, "page": number})))
        for number in range(1, len(expected) // size + 2)
    ]
    assert sorted(one for page in pages for one in page) == sorted(expected)
    assert all(len(page) == size for page in pages[:-1])


async def test_a_prefix_finds_ids_and_aliases_by_name_and_says_how_many(stack: Stack) -> None:
    found = await having(stack, {"ACME-1": None, "x": "Acme Shop", "acme-2": "Acme", "shop acme": "The Acme"})
    page = await found.page(ListParameters(search="aCmE", match="prefix"))
    assert (ids(page), page.total) == (["x", "ACME-1", "acme-2"], 3)


async def test_an_alias_that_is_changed_or_removed_is_found_as_it_is(stack: Stack) -> None:
    found = await having(stack, {"c": "Old Name"})
    for alias in ("New Name", None):
        customer = await stack.customers.get("c")
        assert customer
        await stack.database.transact([stack.customers.change(customer, Profile(alias=alias), NOON)])
        assert await through(found, search="old", match="prefix") == []
        assert await through(found, search="new", match="prefix") == (["c"] if alias else [])


@pytest.mark.parametrize("match", ["contains", "prefix"])
async def test_a_page_is_two_round_trips_in_sequence_its_tiers_included(stack: Stack, match: str) -> None:
    tier = Budget("gold", Limits(rpm_limit=5), NOON, NOON, "me", "me")
    await stack.database.transact([stack.budgets.create(tier)])
    found = await having(stack, {f"c{n:03}": f"C {n}" for n in range(60)}, tier="gold")
    stack.aws.calls.clear()
    page = await found.page(ListParameters.model_validate({"search": "c", "match": match, "page_size": 5}))
    assert [customer["litellm_budget_table"]["rpm_limit"] for customer in page.customers] == [5] * 5
    assert [len(stack.aws.called(name)) for name in ("BatchGetItem", "GetItem", "Scan")] == [1, 1, 0]
    names = {"directory"} if match == "contains" else {"names", "aliases"}
    assert {call["IndexName"] for call in stack.aws.called("Query")} == names
    assert len(stack.aws.called("Query")) == 16 * len(names)


async def test_the_longest_id_and_alias_are_found_by_what_they_begin_with(stack: Stack) -> None:
    longest = {"🌉" * 256: None, "🌉" * 255 + "X": None, "y": "🌉" * 256}
    found = await having(stack, longest)
    assert sorted(await through(found, search="🌉" * 247, match="prefix", page_size=1)) == sorted(longest)
    with pytest.raises(TollgateError, match="990 bytes") as caught:
        await found.page(ListParameters(search="🌉" * 248, match="prefix"))
    assert caught.value.status == 400


async def test_a_cursor_is_of_one_way_to_match(stack: Stack) -> None:
    found = await having(stack, {"ab": None, "ac": None})
    page = await found.page(ListParameters(search="a", page_size=1))
    with pytest.raises(TollgateError, match="another search"):
        await found.page(ListParameters(search="a", match="prefix", cursor=page.next_cursor))
