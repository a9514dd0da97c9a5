"""Usage: its address is its state, it says what is wrong, and everybody can use it."""

import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Error, Page, Route, expect

from local.settings import DEMO_KEY
from tests.books import LedgerRow
from tests.local_stack import LocalStack
from tests.page.browsing import Watch, axe_finds, signed_in
from tests.page.usage import RANGE, amount, calls_of, card, charged, settled

SERIES: Final = "**/customer/activity/series?*"
LONG_ID: Final = "\N{GRINNING FACE}" * 256


@pytest.fixture(scope="module")
def calls(stack: LocalStack) -> list[LedgerRow]:
    """The ledger's calls in the range of these tests."""
    return calls_of(stack)


def test_what_is_chosen_is_in_the_address_and_found_again(page: Page, calls: list[LedgerRow]) -> None:
    signed_in(page, f"?page=usage&range={RANGE}")
    page.get_by_role("button", name="Show only gpt-4o-mini").click()
    expect(page).to_have_url(re.compile("model=gpt-4o-mini"))
    expect(page.locator(".refreshing")).to_have_count(0)
    mini = charged([row for row in calls if row.model == "gpt-4o-mini"])
    assert amount(card(page, "Spend")) == mini
    page.reload()
    expect(card(page, "Spend")).to_be_visible()
    assert amount(card(page, "Spend")) == mini
    page.get_by_role("button", name="Clear filters").click()
    expect(page).not_to_have_url(re.compile("model="))


def test_the_last_of_two_quick_changes_wins(page: Page, calls: list[LedgerRow]) -> None:
    signed_in(page, f"?page=usage&range={RANGE}")
    expect(card(page, "Spend")).to_be_visible()

    held: list[Route] = []

    def late(route: Route) -> None:
        if "model=gpt-4o-mini" in route.request.url:
            held.append(route)
        else:
            route.continue_()

    page.route(SERIES, late)
    page.get_by_role("button", name="Show only gpt-4o-mini").click()
    page.evaluate("history.pushState(null, '', location.href.replace('gpt-4o-mini', 'gpt-5'))")
    gpt5 = charged([row for row in calls if row.model == "gpt-5"])
    expect(card(page, "Spend")).to_have_attribute("title", f"${gpt5.normalize()}")
    for route in held:
        with contextlib.suppress(Error):  # the page gave this question up
            route.continue_()
    page.wait_for_timeout(500)
    expect(card(page, "Spend")).to_have_attribute("title", f"${gpt5.normalize()}")


def test_days_without_a_call_say_so(page: Page) -> None:
    signed_in(page, "?page=usage&range=2020-01-01..2020-01-31&tab=customers")
    expect(page.get_by_text("Nothing was spent in either range").first).to_be_visible()
    expect(page.locator(".card").filter(has_text="Spend")).to_contain_text("$0.00")
    page.get_by_role("tab", name="Overview").click()
    expect(page.get_by_text("No calls in this range").first).to_be_visible()
    settled(page)
    assert axe_finds(page) == []


@pytest.mark.parametrize("width", [1440, 390])
def test_a_customer_of_256_emoji_breaks_nothing(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    signed_in(page, f"?page=usage&tab=customers&customers={LONG_ID}")
    expect(page.locator(".card").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_error_says_what_to_do_and_tries_again(page: Page, watch: Watch) -> None:
    watch.expect("status of 500")
    body = json.dumps({"error": {"message": "The table is on fire.", "type": "internal_server_error"}})
    page.route(SERIES, lambda route: route.fulfill(status=500, content_type="application/json", body=body))
    signed_in(page, f"?page=usage&range={RANGE}")
    expect(page.get_by_text("The table is on fire.").first).to_be_visible()
    page.unroute(SERIES)
    page.get_by_role("button", name="Try again").first.click()
    expect(card(page, "Spend")).to_be_visible()


def test_a_zone_that_reaches_back_too_little_is_told(page: Page, watch: Watch) -> None:
    watch.expect("status of 400")
    signed_in(page, "?page=usage&range=ytd&tz=Europe/Berlin")
    expect(page.get_by_text("Reaches back 35 days. Choose later days, or UTC.")).to_be_visible()


@pytest.fixture
def own_key(page: Page, calls: list[LedgerRow]) -> Iterator[tuple[str, str]]:
    """A key that sees one customer's usage, and that customer."""
    customer, _ = Counter(row.customer for row in calls if row.customer).most_common(1)[0]
    admin = {"authorization": f"Bearer {DEMO_KEY}"}
    made = page.request.post("/key/generate", headers=admin, data={"scopes": [f"usage:read:{customer}"]})
    key = made.json()["key"]
    yield key, customer
    page.request.post("/key/delete", headers=admin, data={"keys": [key]})


def test_a_customers_key_sees_its_own_usage_only(
    page: Page, own_key: tuple[str, str], calls: list[LedgerRow]
) -> None:
    key, customer = own_key
    signed_in(page, f"?page=usage&range={RANGE}", key=key)
    expect(card(page, "Spend")).to_be_visible()
    assert amount(card(page, "Spend")) == charged([row for row in calls if row.customer == customer])
    expect(page.get_by_text("Active customers")).to_have_count(0)
    expect(page.get_by_role("tab")).to_have_count(0)
    expect(page.get_by_label("Customers")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("shown", ["overview", "customers"])
def test_axe_finds_nothing(page: Page, scheme: Any, shown: str) -> None:
    page.emulate_media(color_scheme=scheme)
    signed_in(page, f"?page=usage&tab={shown}&range={RANGE}")
    expect(page.locator(".chart").first).to_be_visible()
    settled(page)
    assert axe_finds(page) == []
    page.get_by_role("search").get_by_label("Model").first.click()
    expect(page.get_by_role("option", name="All models")).to_be_visible()
    assert axe_finds(page) == []


def test_days_are_chosen_with_the_keyboard_alone(page: Page) -> None:
    signed_in(page, "?page=usage")
    settled(page)
    page.get_by_role("search").get_by_label("Days").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("radio", name="Today").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Apply").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("range=today"))


def test_on_a_phone_nothing_scrolls_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    signed_in(page, f"?page=usage&range={RANGE}")
    expect(page.locator(".chart").first).to_be_visible()
    page.get_by_role("button", name="Filters", exact=True).click()
    expect(page.get_by_role("search").get_by_label("Model").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_zone_compares_as_far_as_it_is_known(page: Page) -> None:
    signed_in(page, f"?page=usage&range={RANGE}&tz=Asia/Tokyo&tab=customers")
    settled(page)
    expect(page.get_by_text("Not known that far back in Asia/Tokyo.").first).to_be_visible()
    expect(page.get_by_text("What came before is not known in this time zone.")).to_be_visible()


def test_what_is_wrong_in_the_address_is_left_out(page: Page) -> None:
    signed_in(page, "?page=usage&range=nonsense&tz=Mars/Base&compare=x&tab=y&group=z&interval=q")
    settled(page)
    expect(page.get_by_role("search").get_by_text("Month to date")).to_be_visible()
    expect(page.get_by_role("search").get_by_text("UTC")).to_be_visible()


def test_what_lies_below_the_first_screen_waits_for_the_reader(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 700})
    signed_in(page, "?page=usage")
    expect(page.locator(".cards")).to_be_visible()
    below = page.get_by_role("heading", name="Spend by model")
    expect(below).to_have_count(0)
    page.mouse.wheel(0, 500)
    expect(below).to_be_visible()
