"""One customer's page: the ledger's numbers, exact limits in and out, and what can be done about it."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.books import LedgerRow
from tests.local_stack import LocalStack
from tests.page.browsing import Watch, axe_finds, signed_in
from tests.page.customers_shown import (
    api,
    calls_of,
    charged,
    customer_there,
    info,
    rows_of,
    settled,
    sideways,
    usd,
)

TODAY: Final = datetime.now(UTC).date()
FIRST, LAST = str(TODAY - timedelta(days=20)), str(TODAY - timedelta(days=1))
RANGE: Final = f"range={FIRST}..{LAST}"


@pytest.fixture(scope="module")
def calls(stack: LocalStack) -> list[LedgerRow]:
    """The ledger's calls of the customer that called most in the range."""
    rows = [row for row in calls_of(stack, FIRST, LAST) if row.customer]
    ((busiest, _),) = Counter(row.customer for row in rows).most_common(1)
    return [row for row in rows if row.customer == busiest]


def opened(page: Page, customer: str, rest: str = "") -> None:
    """A customer's page with every answer there."""
    signed_in(page, f"?page=customer&id={quote(customer)}{rest}")
    settled(page)


def done(page: Page, said: str) -> None:
    """What the page says on top when something was done."""
    expect(page.get_by_text(said)).to_be_visible()


def test_cards_models_and_keys_have_what_the_ledger_charged(page: Page, calls: list[LedgerRow]) -> None:
    opened(page, calls[0].customer, f"&{RANGE}")
    spend = page.locator(".card").filter(has_text="Spend").locator(".numbers[title]").first
    assert usd(spend) == charged(calls)
    models = {
        cells[0].inner_text(): usd(cells[1].locator("[title]").first) for cells in rows_of(page, "Models")
    }
    assert models == {
        model: charged(row for row in calls if row.model == model) for model in {row.model for row in calls}
    }
    keys = [usd(cells[1].locator("[title]").first) for cells in rows_of(page, "Keys")]
    assert sum(keys) == charged(calls)


def test_its_calls_and_sessions_are_the_ledgers(page: Page, calls: list[LedgerRow]) -> None:
    opened(page, calls[0].customer, f"&tab=calls&{RANGE}")
    shown = page.get_by_role("table", name="Calls").locator('a[href*="page=call"]')
    hrefs = {link.get_attribute("href") or "" for link in shown.all()}
    latest = sorted((row.request_id for row in calls), reverse=True)[:50]
    assert {href.rsplit("id=", 1)[1] for href in hrefs} == set(latest)


def test_limits_come_in_and_out_with_every_digit(page: Page, stack: LocalStack) -> None:
    with customer_there(stack, "limits/1", max_budget="5", budget_duration="1mo") as customer:
        opened(page, customer)
        expect(page.get_by_text("$5.00 each month")).to_be_visible()
        expect(page.get_by_text("$5.00 left")).to_be_visible()
        page.get_by_role("button", name="Edit", exact=True).click()
        page.get_by_label("Budget (USD)").first.fill("0.123456789012")
        page.get_by_role("button", name="Save").click()
        done(page, "limits/1: Changed.")
        assert info(stack, customer)["litellm_budget_table"]["max_budget"] == Decimal("0.123456789012")
        page.get_by_role("button", name="Edit", exact=True).click()
        expect(page.get_by_label("Budget (USD)").first).to_have_value("0.123456789012")


def test_what_is_wrong_stands_at_its_field(page: Page, stack: LocalStack, watch: Watch) -> None:
    watch.expect("status of 4")
    with customer_there(stack, "wrong-1", max_budget="5", budget_duration="1mo") as customer:
        opened(page, customer)
        page.get_by_role("button", name="Edit", exact=True).click()
        amount = page.get_by_label("Budget (USD)").first
        amount.fill("five")
        page.get_by_role("button", name="Save").click()
        expect(amount).to_have_attribute("aria-invalid", "true")
        amount.fill("6")
        page.get_by_label("Name").fill("x" * 300)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
        assert info(stack, customer)["litellm_budget_table"]["max_budget"] == Decimal(5)


def test_a_tier_is_chosen_and_left(page: Page, stack: LocalStack) -> None:
    api(
        stack,
        "POST",
        "/budget/new",
        json={"budget_id": "page-tier", "max_budget": "7", "budget_duration": "1d"},
    )
    with customer_there(stack, "on-a-tier") as customer:
        opened(page, customer)
        page.get_by_role("button", name="Edit", exact=True).click()
        page.get_by_role("radio", name="A tier's").click()
        page.get_by_role("button", name=re.compile("^Tier")).click()
        page.get_by_role("option", name=re.compile("page-tier")).click()
        page.get_by_role("button", name="Save").click()
        done(page, "on-a-tier: Changed.")
        expect(page.get_by_text("$7.00 each day")).to_be_visible()
        page.get_by_role("button", name="Edit", exact=True).click()
        page.get_by_role("radio", name="None of its own").click()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("No budget: this customer may spend any amount.")).to_be_visible()
    api(stack, "POST", "/budget/delete", json={"id": "page-tier"})


def test_blocking_asks_first_and_is_told_in_the_history(page: Page, stack: LocalStack) -> None:
    with customer_there(stack, "to-block") as customer:
        opened(page, customer)
        page.get_by_role("button", name="More").click()
        page.get_by_role("menuitem", name="Block").click()
        page.get_by_role("button", name="Cancel").click()
        assert not info(stack, customer)["blocked"]
        page.get_by_role("button", name="More").click()
        page.get_by_role("menuitem", name="Block").click()
        page.get_by_role("button", name="Block", exact=True).click()
        done(page, "to-block: Blocked.")
        expect(page.locator("h1").get_by_text("Blocked")).to_be_visible()
        assert info(stack, customer)["blocked"]
        page.get_by_role("tab", name="History").click()
        expect(page.get_by_role("table", name="Changes")).to_contain_text("true")
        page.get_by_role("button", name="More").click()
        page.get_by_role("menuitem", name="Unblock").click()
        page.get_by_role("button", name="Unblock", exact=True).click()
        done(page, "to-block: Unblocked.")
        assert not info(stack, customer)["blocked"]


def test_spend_begins_anew_after_asking(page: Page, stack: LocalStack) -> None:
    with customer_there(stack, "to-reset", spend="3.25", max_budget="5") as customer:
        opened(page, customer)
        expect(page.get_by_text("$3.25 spent")).to_be_visible()
        expect(page.get_by_text("$1.75 left")).to_be_visible()
        page.get_by_role("button", name="More").click()
        page.get_by_role("menuitem", name="Reset spend").click()
        page.get_by_role("button", name="Reset spend", exact=True).click()
        done(page, "to-reset: Its spend begins anew.")
        expect(page.get_by_text("$5.00 left")).to_be_visible()
        assert info(stack, customer)["spend"] == 0


def test_deleting_wants_the_word(page: Page, stack: LocalStack) -> None:
    with customer_there(stack, "to-delete", alias="Short Lived") as customer:
        opened(page, customer)
        page.get_by_role("button", name="More").click()
        page.get_by_role("menuitem", name="Delete").click()
        button = page.get_by_role("button", name="Delete", exact=True)
        expect(button).to_be_disabled()
        page.get_by_label("Type").fill("delete")
        button.click()
        page.wait_for_url("**page=customers**")
        done(page, "to-delete: Deleted.")
        assert api(stack, "GET", "/customer/info", params={"end_user_id": customer}).status_code == 404


def test_limits_are_changed_with_the_keyboard_alone(page: Page, stack: LocalStack) -> None:
    with customer_there(stack, "by-keyboard", max_budget="5", budget_duration="1mo") as customer:
        opened(page, customer)
        page.get_by_role("button", name="Edit", exact=True).focus()
        page.keyboard.press("Enter")
        amount = page.get_by_label("Budget (USD)").first
        expect(amount).to_be_visible()
        for _ in range(20):
            page.keyboard.press("Tab")
            if amount.evaluate("(field) => field === document.activeElement"):
                break
        page.keyboard.press("Control+A")
        page.keyboard.type("8.50")
        page.keyboard.press("Enter")
        done(page, "by-keyboard: Changed.")
        assert info(stack, customer)["litellm_budget_table"]["max_budget"] == Decimal("8.50")


def test_somebody_who_was_never_set_up_can_be(page: Page, stack: LocalStack, watch: Watch) -> None:
    watch.expect("status of 404")
    opened(page, "a stranger")
    expect(page.get_by_text("This customer was never set up, or was deleted.")).to_be_visible()
    page.get_by_role("button", name="Set up").click()
    page.get_by_label("Name").fill("No Stranger")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="No Stranger")).to_be_visible()
    api(stack, "POST", "/customer/delete", json={"user_ids": ["a stranger"]})


def test_calls_that_named_nobody_have_a_page_without_limits(page: Page) -> None:
    opened(page, "Unassigned")
    expect(page.get_by_role("heading", name="Unassigned")).to_be_visible()
    expect(page.get_by_role("button", name="Edit", exact=True)).to_have_count(0)
    expect(page.get_by_role("heading", name="Limits")).to_have_count(0)


def test_a_reader_changes_nothing(page: Page, stack: LocalStack, calls: list[LedgerRow]) -> None:
    made = api(stack, "POST", "/key/generate", json={"scopes": ["usage:read"], "key_alias": "page reader"})
    signed_in(page, f"?page=customer&id={quote(calls[0].customer)}&{RANGE}", key=made.json()["key"])
    settled(page)
    spend = page.locator(".card").filter(has_text="Spend").locator(".numbers[title]").first
    assert usd(spend) == charged(calls)
    expect(page.get_by_role("button", name="Edit", exact=True)).to_have_count(0)
    expect(page.get_by_role("tab", name="History")).to_have_count(0)


def test_a_customers_own_key_sees_that_customer(
    page: Page, stack: LocalStack, calls: list[LedgerRow]
) -> None:
    customer = calls[0].customer
    made = api(
        stack, "POST", "/key/generate", json={"scopes": [f"usage:read:{customer}"], "key_alias": "own"}
    )
    signed_in(page, f"?page=customer&{RANGE}", key=made.json()["key"])
    settled(page)
    spend = page.locator(".card").filter(has_text="Spend").locator(".numbers[title]").first
    assert usd(spend) == charged(calls)


def test_one_answer_that_fails_leaves_the_others(page: Page, watch: Watch, calls: list[LedgerRow]) -> None:
    watch.expect("status of 500")
    page.route("**/customer/forecast?*", lambda route: route.fulfill(status=500, body="{}"))
    opened(page, calls[0].customer, f"&{RANGE}")
    expect(page.get_by_text("The API answered 500 without saying why.")).to_be_visible()
    expect(page.get_by_role("heading", name="Models")).to_be_visible()
    page.unroute("**/customer/forecast?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("by its end, between")).to_be_visible()


def test_an_id_of_256_emoji_fits_a_phone(page: Page, stack: LocalStack) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    with customer_there(stack, "\N{FOX FACE}" * 256) as customer:
        opened(page, customer)
        assert sideways(page) <= 0
        expect(page.locator("h1")).to_contain_text("\N{FOX FACE}")


@pytest.mark.parametrize("part", ["overview", "calls", "history", "invoices"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, calls: list[LedgerRow], part: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    opened(page, calls[0].customer, f"&{RANGE}&tab={part}")
    assert axe_finds(page) == []


def test_axe_finds_nothing_in_the_form(page: Page, stack: LocalStack) -> None:
    with customer_there(stack, "form-1", max_budget="5", budget_duration="1mo") as customer:
        opened(page, customer)
        page.get_by_role("button", name="Edit", exact=True).click()
        expect(page.get_by_label("Budget (USD)").first).to_be_visible()
        assert axe_finds(page) == []
