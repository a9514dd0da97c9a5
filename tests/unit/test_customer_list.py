"""Lists of customers: every one once, in order, whichever way the pages are asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON
from tests.stack import Stack
from tollgate.errors import TollgateError
from tollgate.queries import cursors
from tollgate.queries.budget_table import Clock
from tollgate.queries.customer_list import Cursor, CustomerList, ListParameters, Page
from tollgate.storage.customers import Customer, Profile

IDS = st.lists(st.text(min_size=1, max_size=20).filter(str.strip), unique=True, max_size=40)


async def having(stack: Stack, *customers: Customer) -> CustomerList:
    for customer in customers:
        await stack.database.transact([stack.customers.create(customer)])
    return CustomerList(stack.directory, stack.customers, stack.budgets, Clock(NOON, "UTC"))


def ids(page: Page) -> list[str]:
    return [customer["user_id"] for customer in page.customers]


@given(IDS, st.integers(1, 7), st.integers(1, 5))
async def test_pages_by_number_and_by_cursor_are_the_whole(names: list[str], size: int, cut: int) -> None:
    stack = Stack.over()
    stack.aws.dynamodb.page_size = cut
    found = await having(stack, *map(Customer, names))
    by_number: list[str] = []
    number = 1
    while page := ids(await found.page(ListParameters(page=number, page_size=size))):
        by_number += page
        number += 1
    by_cursor, cursor = [], ""
    while True:
        one = await found.page(ListParameters(page_size=size, cursor=cursor))
        by_cursor += ids(one)
        cursor = one.next_cursor
        assert one.total == len(names)
        if not cursor:
            break
    assert by_number == by_cursor == sorted(names)


async def test_a_search_finds_ids_and_aliases_in_any_case(stack: Stack) -> None:
    found = await having(
        stack,
        Customer("ACME-1"),
        Customer("b", profile=Profile(alias="The Acme Shop")),
        Customer("c", profile=Profile(alias="other")),
    )
    page = await found.page(ListParameters(search="aCmE", page_size=1))
    assert (ids(page), page.total) == (["ACME-1"], 2)
    rest = await found.page(ListParameters(search="aCmE", page_size=1, cursor=page.next_cursor))
    assert (ids(rest), rest.total, rest.next_cursor) == (["b"], 2, "")


async def test_a_page_reads_the_index_and_its_own_customers_only(stack: Stack) -> None:
    found = await having(stack, *(Customer(f"c{n:03}") for n in range(100)))
    stack.aws.calls.clear()
    await found.page(ListParameters(page=2, page_size=10))
    assert not stack.aws.called("Scan")
    assert {call["IndexName"] for call in stack.aws.called("Query")} == {"directory"}
    (batch,) = stack.aws.called("BatchGetItem")
    assert len(batch["RequestItems"]["customers"]["Keys"]) == 10


async def test_a_page_behind_the_last_is_empty(stack: Stack) -> None:
    found = await having(stack, Customer("a"))
    assert await found.page(ListParameters(page=10**9)) == Page([], 1, "")


@given(st.text(max_size=30), st.integers(0, 10**6), st.text(max_size=10), st.data())
def test_a_cursor_is_taken_back_as_it_was_given_only(
    after: str, total: int, search: str, data: st.DataObject
) -> None:
    text = cursors.written(Cursor(after, total, search), "list")
    assert cursors.read(text, Cursor, "list") == Cursor(after, total, search)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("AZaz09-_=+/ é"))
    tampered = text[:place] + letter + text[place + 1 :]
    if tampered != text:
        with pytest.raises(TollgateError) as caught:
            cursors.read(tampered, Cursor, "list")
        assert caught.value.status == 400


async def test_a_cursor_of_another_search_is_refused(stack: Stack) -> None:
    found = await having(stack, Customer("a"))
    cursor = cursors.written(Cursor("a", 1, "y"), "customer_list")
    with pytest.raises(TollgateError, match="another search"):
        await found.page(ListParameters(search="x", cursor=cursor))


async def test_who_is_on_a_tier_is_found_also_with_a_text(stack: Stack) -> None:
    found = await having(
        stack,
        Customer("a-1", profile=Profile(budget_id="free")),
        Customer("a-2", profile=Profile(budget_id="free-too")),
        Customer("b-1", profile=Profile(budget_id="free")),
        Customer("c-1"),
    )
    page = await found.page(ListParameters(budget_id="free", page_size=1))
    assert (ids(page), page.total) == (["a-1"], 2)
    rest = await found.page(ListParameters(budget_id="free", page_size=1, cursor=page.next_cursor))
    assert (ids(rest), rest.next_cursor) == (["b-1"], "")
    assert ids(await found.page(ListParameters(budget_id="free", search="B-"))) == ["b-1"]
    assert ids(await found.page(ListParameters(budget_id="none"))) == []


async def test_a_tier_goes_with_neither_a_prefix_nor_the_cursor_of_another(stack: Stack) -> None:
    members = (Customer(name, profile=Profile(budget_id="free")) for name in "ab")
    found = await having(stack, *members)
    page = await found.page(ListParameters(budget_id="free", page_size=1))
    for wrong in ({"budget_id": "pro", "cursor": page.next_cursor}, {"budget_id": "free", "match": "prefix"}):
        with pytest.raises(TollgateError):
            await found.page(ListParameters.model_validate(wrong))
