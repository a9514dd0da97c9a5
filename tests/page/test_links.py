"""What links between views keep: the days of the reader, and how rows look wherever they are shown."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.page.browsing import signed_in
from tests.page.usage import RANGE


def days_of(page: Page) -> list[str]:
    """The range that the address names."""
    return parse_qs(urlsplit(page.url).query).get("range", [])


def test_links_keep_the_days(page: Page) -> None:
    signed_in(page, f"?page=usage&tab=customers&range={RANGE}")
    page.get_by_role("table", name="Customers").locator("tbody a").first.click()
    page.wait_for_url("**page=customer&**")
    assert days_of(page) == [RANGE]
    page.get_by_role("tab", name="Calls and sessions").click()
    page.locator('a[href*="page=call"]').first.click()
    page.wait_for_url("**page=call&**")
    assert days_of(page) == [RANGE]
    for view in ("Logs", "Compare", "Keys", "Usage"):
        page.get_by_role("navigation").get_by_role("link", name=view, exact=True).click()
        page.wait_for_url(f"**page={view.lower()}&**")
        assert days_of(page) == [RANGE]
        expect(page.locator("a[aria-current=page]")).to_have_text(view)


def test_numbers_of_calls_stand_to_the_right_in_a_customers_view(page: Page) -> None:
    signed_in(page, f"?page=usage&tab=customers&range={RANGE}")
    page.get_by_role("table", name="Customers").locator("tbody a").first.click()
    page.get_by_role("tab", name="Calls and sessions").click()
    spend = page.get_by_role("table", name="Calls").locator("tbody .numbers").first
    expect(spend).to_have_css("text-align", "right")
