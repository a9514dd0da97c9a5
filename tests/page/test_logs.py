"""The logs: the ledger's calls, each once, found by what they were, and followed as they come."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.local_stack import LocalStack
from tests.page.browsing import Watch, axe_finds, signed_in
from tests.page.logs_shown import busiest, call_made, charge, prefer, reading_key, rows_shown, usd

NOT_SORTED = '{"detail": {"error": "Over 10000 entries are not sorted by spend: ask for fewer days"}}'


def test_pages_show_every_call_of_the_ledger_once(page: Page, stack: LocalStack) -> None:
    """Also: what the summary says is the sum of them."""
    most = busiest(stack)
    prefer(page, 25, "time", "spend")
    signed_in(page, most.path)
    next_page = page.get_by_role("button", name="Next page")
    shown = rows_shown(page)
    for number in range(2, len(most.calls) // 25 + 3):
        if next_page.is_disabled():
            break
        next_page.click()
        expect(page.get_by_text(f"Page {number}")).to_be_visible()
        more = rows_shown(page)
        assert not more.keys() & shown.keys()
        shown |= more
    assert shown == {call: charge(row) for call, row in most.calls.items()}
    summary = page.locator(".sums")
    expect(summary).to_contain_text(f"{len(most.calls):,} calls")
    assert usd(summary.locator("[title]").get_attribute("title")) == sum(shown.values())


def test_a_page_can_be_linked_to_and_left_by_the_browsers_back(page: Page, stack: LocalStack) -> None:
    most = busiest(stack)
    prefer(page, 25, "time", "spend")
    signed_in(page, most.path)
    first = rows_shown(page)
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text("Page 2")).to_be_visible()
    second = rows_shown(page)
    page.reload()
    assert rows_shown(page) == second
    page.go_back()
    expect(page.get_by_text("Page 1")).to_be_visible()
    assert rows_shown(page) == first


def test_sorted_by_spend_the_dearest_comes_first(page: Page, stack: LocalStack) -> None:
    most = busiest(stack)
    signed_in(page, most.path)
    rows_shown(page)
    page.get_by_role("button", name="Spend").click()
    expect(page).to_have_url(re.compile("sort=spend"))
    shown = list(rows_shown(page).values())
    assert shown == sorted(map(charge, most.calls.values()), reverse=True)[: len(shown)]


def test_a_call_made_meanwhile_comes_live(page: Page, stack: LocalStack) -> None:
    signed_in(page, "?page=logs")
    page.get_by_label("Live", exact=True).focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("Live: the calls of today")).to_be_visible()
    call_made(stack, "live by page")
    row = page.locator("tbody tr", has_text="live by page")
    expect(row).to_contain_text("Finished")
    expect(page.locator("tbody tr").first).to_contain_text("live by page")
    expect(page.get_by_role("status").filter(has_text="new call")).to_have_count(1)


def test_live_waits_for_a_reader_who_scrolled_down(page: Page) -> None:
    prefer(page, 200, "time", "spend")
    signed_in(page, "?page=logs&live=true")
    expect(page.get_by_text("Live: the calls of today")).to_be_visible()
    page.evaluate("document.body.style.minHeight = '4000px'; window.scrollTo(0, 900)")
    expect(page.get_by_text("Paused: you scrolled down")).to_be_attached()
    page.evaluate("window.scrollTo(0, 0)")
    expect(page.get_by_text("Live: the calls of today")).to_be_visible()
    page.get_by_role("button", name="Status").click()
    expect(page.get_by_text("Paused: a menu is open")).to_be_attached()


def test_filters_by_keyboard(page: Page, stack: LocalStack) -> None:
    most = busiest(stack)
    signed_in(page, most.path)
    rows_shown(page)
    dearest = max(map(charge, most.calls.values()))
    page.get_by_label("Spend at least").focus()
    page.keyboard.type(f"{dearest:f}")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("min="))
    expect(page.locator(".sums")).to_contain_text("on this page")
    assert set(rows_shown(page).values()) == {dearest}
    page.locator('a[href*="page=call"]').first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Call", level=1)).to_be_visible()


def test_an_amount_that_is_none_is_said_and_not_asked_for(page: Page) -> None:
    signed_in(page, "?page=logs")
    page.get_by_label("Spend at most").fill("a lot")
    expect(page.get_by_text("Type an amount in USD")).to_be_visible()
    page.get_by_label("Spend at most").blur()
    expect(page).not_to_have_url(re.compile("max="))


def test_what_is_too_much_to_sort_has_a_way_back(page: Page, watch: Watch) -> None:
    watch.expect("status of 400")

    def refuse(route: Route) -> None:
        route.fulfill(status=400, content_type="application/json", body=NOT_SORTED)

    page.route("**/spend/logs/v2?*sort_by=spend*", refuse)
    signed_in(page, "?page=logs&sort=spend")
    expect(page.get_by_text("Over 10000 entries are not sorted by spend")).to_be_visible()
    page.get_by_role("button", name="Show the newest first").click()
    expect(page.locator("tbody tr").first).to_be_visible()


def test_no_calls_is_a_state_of_its_own(page: Page) -> None:
    signed_in(page, "?page=logs&session=no-such-session")
    expect(page.get_by_text("No calls fit")).to_be_visible()


def test_a_customers_key_sees_only_its_own(page: Page, stack: LocalStack) -> None:
    call_made(stack, "only mine")
    signed_in(page, "?page=logs", key=reading_key(stack, "only mine"))
    expect(page.locator("tbody tr", has_text="only mine").first).to_be_visible()
    assert page.locator("tbody tr").count() == page.locator("tbody tr", has_text="only mine").count()
    expect(page.get_by_label("Customer")).to_have_count(0)


def test_csv_has_every_call_of_the_filter(page: Page, stack: LocalStack) -> None:
    most = busiest(stack)
    prefer(page, 25, "time", "spend")
    signed_in(page, most.path)
    rows_shown(page)
    page.get_by_role("button", name="Export Calls").click()
    with page.expect_download() as started:
        page.get_by_role("menuitem", name="Download CSV").click()
    lines = started.value.path().read_text("utf-8-sig").splitlines()
    assert len(lines) == len(most.calls) + 1
    assert {line.split(",")[0] for line in lines[1:]} == most.calls.keys()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    signed_in(page, "?page=logs&range=30d")
    rows_shown(page)
    assert axe_finds(page) == []
    page.get_by_role("button", name="Columns and page size").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert axe_finds(page) == []


def test_a_phone_scrolls_only_the_table_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    signed_in(page, "?page=logs&range=30d")
    rows_shown(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
