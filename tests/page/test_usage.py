"""Usage: what it shows is what the ledger has, to the last digit."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from tests.books import LedgerRow
from tests.local_stack import LocalStack
from tests.page.browsing import signed_in
from tests.page.usage import RANGE, amount, calls_of, card, charged, settled


@pytest.fixture(scope="module")
def calls(stack: LocalStack) -> list[LedgerRow]:
    """The ledger's calls in the range of these tests."""
    return calls_of(stack)


def test_cards_show_what_the_ledger_has(page: Page, calls: list[LedgerRow]) -> None:
    signed_in(page, f"?page=usage&range={RANGE}")
    expect(card(page, "Spend")).to_be_visible()
    assert amount(card(page, "Spend")) == charged(calls)
    expect(page.locator(".card").filter(has_text="Requests")).to_contain_text(f"{len(calls):,}")
    customers = {row.customer for row in calls}
    expect(page.locator(".card").filter(has_text="Active customers")).to_contain_text(f"{len(customers):,}")


def test_the_breakdown_adds_up_to_the_ledger(page: Page, calls: list[LedgerRow]) -> None:
    signed_in(page, f"?page=usage&range={RANGE}")
    rows = page.get_by_role("table", name="Spend by model").locator("tbody tr")
    expect(rows.first).to_be_visible()
    shown = {
        row.locator("th, td").first.inner_text(): amount(row.locator(".numbers[title]").first)
        for row in rows.all()
    }
    models = {row.model for row in calls}
    assert shown == {model: charged([row for row in calls if row.model == model]) for model in models}


def test_a_bar_tells_every_digit_and_opens_its_day(page: Page, calls: list[LedgerRow]) -> None:
    signed_in(page, f"?page=usage&range={RANGE}")
    chart = page.get_by_role("application", name="Spend by model, each day")
    chart.focus()
    page.keyboard.press("ArrowRight")
    popover = page.get_by_text(re.compile(r"^Total \$"))
    first = RANGE[:10]
    expect(popover).to_be_visible()
    said = Decimal(re.sub(r"[^0-9.]", "", popover.inner_text()))
    assert said == charged([row for row in calls if row.day == first])
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("^Show .* by hour$")).click()
    expect(page).to_have_url(re.compile(re.escape(f"range={first}..{first}")))
    expect(page.get_by_role("application", name="Spend by model, each hour")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Back to ")).click()
    expect(page).to_have_url(re.compile(re.escape(f"range={RANGE}")))
    page.go_back()
    expect(page.get_by_role("application", name="Spend by model, each hour")).to_be_visible()


def test_a_click_on_a_bar_zooms_in_and_the_browser_goes_back(page: Page) -> None:
    signed_in(page, f"?page=usage&range={RANGE}")
    chart = page.get_by_role("application", name="Spend by model, each day")
    settled(page)
    chart.scroll_into_view_if_needed()
    box = page.locator(".zooms svg").first.bounding_box()
    assert box
    x, y = box["x"] + 0.53 * box["width"], box["y"] + box["height"] - 40  # on a bar, not between two
    page.mouse.move(x, y)
    page.mouse.move(x + 1, y)
    page.mouse.click(x + 1, y)
    page.mouse.move(0, 0)
    expect(page.get_by_role("button", name=re.compile("^Back to "))).to_be_visible()
    expect(page.get_by_role("button", name="Hour", exact=True)).to_have_attribute("aria-pressed", "true")
    page.go_back()
    expect(page).to_have_url(re.compile(re.escape(f"range={RANGE}")))
    expect(page.get_by_role("button", name=re.compile("^Back to "))).to_have_count(0)


def test_litellms_link_opens_customer_usage(page: Page) -> None:
    signed_in(page, "?login=success&page=new_usage")
    expect(page.get_by_role("tab", name="Customer usage")).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile(r"\?page=usage&tab=customers$"))


def test_the_change_is_explained_to_the_last_digit(page: Page) -> None:
    signed_in(page, f"?page=usage&tab=customers&range={RANGE}")
    steps = page.locator(".waterfall .numbers")
    expect(steps).to_have_count(5)
    before, volume, mix, price, now = (amount(step) for step in steps.all())
    assert before + volume + mix + price == now
    assert now == amount(card(page, "Spend"))
    table = page.locator("table[aria-label='Customers whose spend changed most']")  # a treegrid
    expect(table.locator("tbody tr").first).to_be_visible()
    differences = [amount(row.locator(".numbers").nth(2)) for row in table.locator("tbody tr").all()]
    assert sum(differences, Decimal(0)) == now - before
    table.get_by_role("button", name=re.compile("^Show the models of")).first.click()
    expect(table.get_by_role("button", name=re.compile("^Hide the models of"))).to_have_count(1)
