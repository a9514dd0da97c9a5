"""Comparing customers: the ledger's numbers side by side, and what to do when too few or many are chosen."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.books import LedgerRow
from tests.local_stack import LocalStack
from tests.page.browsing import axe_finds, signed_in
from tests.page.customers_shown import calls_of, charged, rows_of, settled, sideways, usd

TODAY: Final = datetime.now(UTC).date()
FIRST, LAST = str(TODAY - timedelta(days=20)), str(TODAY - timedelta(days=1))
RANGE: Final = f"range={FIRST}..{LAST}"


@pytest.fixture(scope="module")
def calls(stack: LocalStack) -> list[LedgerRow]:
    """The ledger's calls of somebody in the range."""
    return [row for row in calls_of(stack, FIRST, LAST) if row.customer]


@pytest.fixture(scope="module")
def busiest(calls: list[LedgerRow]) -> list[str]:
    """Three customers who called much."""
    return [customer for customer, _ in Counter(row.customer for row in calls).most_common(3)]


def test_each_column_has_what_the_ledger_charged(
    page: Page, calls: list[LedgerRow], busiest: list[str]
) -> None:
    signed_in(page, f"?page=compare&{RANGE}&customers={quote(','.join([*busiest, 'nobody']))}")
    rows = rows_of(page, "Customers side by side")
    spend, requests = rows[0], rows[3]
    for place, customer in enumerate([*busiest, "nobody"], start=1):
        its = [row for row in calls if row.customer == customer]
        assert usd(spend[place].locator("[title]").first) == charged(its)
        expect(requests[place]).to_have_text(f"{len(its):,}")


def test_models_add_up_to_each_customers_spend(
    page: Page, calls: list[LedgerRow], busiest: list[str]
) -> None:
    signed_in(page, f"?page=compare&{RANGE}&customers={quote(','.join(busiest))}")
    rows = rows_of(page, "Models of each customer")
    for place, customer in enumerate(busiest, start=1):
        shown = [usd(row[place].locator("[title]").first) for row in rows]
        assert sum(shown) == charged(row for row in calls if row.customer == customer)


def test_every_measure_of_the_chart_is_in_the_address(page: Page, busiest: list[str]) -> None:
    signed_in(page, f"?page=compare&{RANGE}&metric=total_tokens&customers={quote(','.join(busiest))}")
    expect(page.get_by_role("heading", name="Tokens by day")).to_be_visible()
    page.get_by_role("button", name="Requests", exact=True).click()
    expect(page.get_by_role("heading", name="Requests by day")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Tokens by day")).to_be_visible()


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ("", "Choose two to eight customers."),
        ("a", "Choose one more customer to compare with."),
        (",".join(f"c{n}" for n in range(10)), "Eight customers at most: 10 are chosen, so remove 2."),
    ],
)
def test_too_few_or_many_are_told_what_to_do(page: Page, chosen: str, said: str) -> None:
    signed_in(page, f"?page=compare&customers={chosen}")
    expect(page.get_by_role("heading", name=said)).to_be_visible()


def test_on_a_phone_nothing_scrolls_sideways_but_tables(page: Page, busiest: list[str]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    signed_in(page, f"?page=compare&{RANGE}&customers={quote(','.join(busiest))}")
    settled(page)
    assert sideways(page) <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, busiest: list[str], scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    signed_in(page, f"?page=compare&{RANGE}&customers={quote(','.join(busiest))}")
    settled(page)
    assert axe_finds(page) == []
