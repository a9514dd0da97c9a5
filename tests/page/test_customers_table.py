"""The table of customers in Usage: the ledger's numbers, everybody once, sorted, compared, downloaded."""

import csv
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.books import LedgerRow
from tests.local_stack import LocalStack
from tests.page.browsing import axe_finds, signed_in
from tests.page.customers_shown import calls_of, charged, customer_of, rows_of, settled, usd

TODAY: Final = datetime.now(UTC).date()
FIRST, LAST = str(TODAY - timedelta(days=20)), str(TODAY - timedelta(days=1))
VIEW: Final = f"?page=usage&tab=customers&range={FIRST}..{LAST}"
CUSTOMER, SPEND, REQUESTS = 1, 2, 5  # cells, behind the one to select with


@pytest.fixture(scope="module")
def calls(stack: LocalStack) -> dict[str, list[LedgerRow]]:
    """The ledger's calls in the range, by customer."""
    found: dict[str, list[LedgerRow]] = {}
    for row in calls_of(stack, FIRST, LAST):
        found.setdefault(row.customer or "Unassigned", []).append(row)
    return found


def test_each_row_has_what_the_ledger_charged(page: Page, calls: dict[str, list[LedgerRow]]) -> None:
    signed_in(page, VIEW)
    for cells in rows_of(page, "Customers"):
        its = calls[customer_of(cells[CUSTOMER])]
        assert usd(cells[SPEND].locator("[title]").first) == charged(its)
        expect(cells[REQUESTS]).to_have_text(f"{len(its):,}")


def test_pages_hold_every_customer_once_in_order(page: Page, calls: dict[str, list[LedgerRow]]) -> None:
    signed_in(page, VIEW)
    seen: list[tuple[Decimal, str]] = []
    following = page.get_by_role("button", name="Next page")
    number = 1
    while True:
        expect(page.get_by_text(f"Page {number}", exact=True)).to_be_visible()
        rows = rows_of(page, "Customers")
        seen += [(usd(row[SPEND].locator("[title]").first), customer_of(row[CUSTOMER])) for row in rows]
        if not following.is_enabled():
            break
        following.click()
        number += 1
    assert sorted(customer for _, customer in seen) == sorted(calls)
    amounts = [amount for amount, _ in seen]
    assert amounts == sorted(amounts, reverse=True)


def test_a_sort_is_in_the_address_and_comes_from_everybody(
    page: Page, calls: dict[str, list[LedgerRow]]
) -> None:
    signed_in(page, VIEW)
    rows_of(page, "Customers")
    page.get_by_role("button", name="Requests", exact=True).last.click()
    page.wait_for_url("**sort=requests**")
    rows = rows_of(page, "Customers")
    most = max(len(its) for its in calls.values())
    expect(rows[0][REQUESTS]).to_have_text(f"{most:,}")
    page.reload()
    expect(rows_of(page, "Customers")[0][REQUESTS]).to_have_text(f"{most:,}")


def test_the_chart_tells_those_apart_who_have_most_of_what_it_shows(
    page: Page, calls: dict[str, list[LedgerRow]]
) -> None:
    signed_in(page, VIEW)
    expect(page.get_by_role("application", name="Spend by customer, each day")).to_be_visible()
    with page.expect_response(lambda answer: "by=requests" in answer.url) as asked:
        page.get_by_role("button", name="Requests", exact=True).first.click()
    told = [one["id"] for one in asked.value.json()["series"] if one["id"] != " Others"]
    most = sorted((len(its) for its in calls.values()), reverse=True)[:8]
    assert sorted((len(calls[one]) for one in told), reverse=True) == most
    expect(page.get_by_role("application", name="Requests by customer, each day")).to_be_visible()


def test_two_are_compared_with_the_keyboard_alone(page: Page) -> None:
    signed_in(page, VIEW)
    rows = rows_of(page, "Customers")
    chosen = [customer_of(row[CUSTOMER]) for row in rows[:2]]
    for row in rows[:2]:
        row[0].locator("input").focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Compare 2").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**page=compare**")
    settled(page)
    assert [customer_of(card) for card in page.locator(".cards .customer").all()] == chosen


def test_the_file_has_everybody_with_every_digit(page: Page, calls: dict[str, list[LedgerRow]]) -> None:
    signed_in(page, VIEW)
    rows_of(page, "Customers")
    page.get_by_role("button", name="Export Customers").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Download CSV").click()
    text = download.value.path().read_text("utf-8-sig")
    found = {row["end_user_id"]: Decimal(row["spend"]) for row in csv.DictReader(text.splitlines())}
    assert found == {customer: charged(its) for customer, its in calls.items()}


def test_the_readers_columns_stay(page: Page) -> None:
    display = [{"id": "customer", "visible": True}]
    names = ("spend", "change", "share", "requests", "success", "tokens", "budget", "forecast")
    display += [{"id": name, "visible": name == "tokens"} for name in names]
    kept = json.dumps({"pageSize": 10, "contentDisplay": display})
    page.add_init_script(f"localStorage.setItem('tollgate.customers', {json.dumps(kept)})")
    signed_in(page, VIEW)
    rows = rows_of(page, "Customers")
    assert len(rows) == 10
    assert {len(cells) for cells in rows} == {3}


def test_a_model_shows_the_customers_who_spent_most_and_all_others(
    page: Page, calls: dict[str, list[LedgerRow]]
) -> None:
    model = next(row.model for its in calls.values() for row in its)
    signed_in(page, f"{VIEW}&model={model}")
    expect(page.get_by_text("The 50 who spent most overall, and all others.")).to_be_visible()
    left = [row for its in calls.values() for row in its if row.model == model]
    rows = rows_of(page, "Customers")
    for cells in [cells for cells in rows if cells[CUSTOMER].locator("a").count()]:
        customer = customer_of(cells[CUSTOMER])
        its = [row for row in left if (row.customer or "Unassigned") == customer]
        assert usd(cells[SPEND].locator("[title]").first) == charged(its)


def test_axe_finds_nothing(page: Page) -> None:
    signed_in(page, VIEW)
    rows_of(page, "Customers")
    assert axe_finds(page) == []
