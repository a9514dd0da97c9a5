"""Choosing customers: found by id or name, late answers dropped, lists pasted, errors said."""

import re
import time

from playwright.sync_api import Page, Route, expect

from tests.local_stack import LocalStack
from tests.page.browsing import Watch, axe_finds, signed_in
from tests.page.customers_shown import customer_there, settled, sideways

VIEW = "?page=compare"


def opened(page: Page, path: str = VIEW) -> None:
    """The page with its picker open."""
    signed_in(page, path)
    settled(page)
    page.get_by_role("button", name=re.compile("Customers, two to eight")).click()


def test_a_customer_is_found_by_a_part_of_its_name_and_chosen_by_keyboard(
    page: Page, stack: LocalStack
) -> None:
    with customer_there(stack, "picked-1", alias="Zebra Works"):
        opened(page)
        page.keyboard.type("ebra wo")
        expect(page.get_by_role("option", name=re.compile("Zebra Works"))).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("customers=picked-1"))
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Remove Zebra Works")).to_be_visible()


def test_an_answer_that_comes_late_is_dropped(page: Page, stack: LocalStack) -> None:
    def late(route: Route) -> None:
        time.sleep(1.5)
        route.continue_()

    with customer_there(stack, "late-aaa"), customer_there(stack, "late-bbb"):
        page.route("**/customer/list?search=late-aa&*", late)
        opened(page)
        with page.expect_request("**/customer/list?search=late-aa&*"):
            page.keyboard.type("late-aa")
        for _ in "aa":
            page.keyboard.press("Backspace")
        page.keyboard.type("bb")
        expect(page.get_by_role("option", name=re.compile("late-bbb"))).to_be_visible()
        page.wait_for_timeout(1800)
        expect(page.get_by_role("option", name=re.compile("late-aaa"))).to_have_count(0)
        page.unroute_all(behavior="ignoreErrors")


def test_an_id_that_only_the_ledger_may_know_is_used_as_it_stands(page: Page) -> None:
    opened(page)
    page.keyboard.type("who-is-this")
    page.get_by_role("option", name=re.compile("Use exactly")).click()
    expect(page).to_have_url(re.compile("customers=who-is-this"))


def test_a_list_is_pasted(page: Page) -> None:
    signed_in(page, VIEW)
    settled(page)
    page.get_by_role("button", name="Paste a list").click()
    page.get_by_label("Customer ids").fill('one\ntwo; "three, and four"\tone')
    expect(page.get_by_text("3 ids found.")).to_be_visible()
    page.get_by_role("button", name="Choose 3 customers").click()
    expect(page.get_by_role("button", name="Remove three, and four")).to_be_visible()
    page.get_by_role("button", name="Clear all").click()
    expect(page).not_to_have_url(re.compile("customers=.+"))


def test_a_list_longer_than_an_address_is_cut_and_says_so(page: Page) -> None:
    signed_in(page, VIEW)
    settled(page)
    page.get_by_role("button", name="Paste a list").click()
    page.get_by_label("Customer ids").fill("\n".join(f"customer-{n:04}" for n in range(2000)))
    expect(page.get_by_text("One address holds no more")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Choose")).last.click()
    expect(page.get_by_role("button", name="Remove customer-0000")).to_be_visible()
    assert 1000 < len(page.url) < 8000


def test_a_search_that_fails_says_so_and_tries_again(page: Page, watch: Watch) -> None:
    watch.expect("status of 500")
    page.route("**/customer/list?*", lambda route: route.fulfill(status=500, body="{}"))
    opened(page)
    page.keyboard.type("zzz")
    expect(page.get_by_text("The API answered 500 without saying why.")).to_be_visible()
    page.unroute("**/customer/list?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("option", name=re.compile("Use exactly"))).to_be_visible()


def test_names_of_256_emoji_fit_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    fox = "\N{FOX FACE}" * 256
    signed_in(page, f"?page=compare&customers={fox},b")
    settled(page)
    assert sideways(page) <= 0
    token = page.get_by_role("button", name=re.compile("^Remove \N{FOX FACE}")).first
    box = token.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390


def test_axe_finds_nothing_with_the_picker_open(page: Page) -> None:
    opened(page)
    expect(page.get_by_role("option").first).to_be_visible()
    assert axe_finds(page) == []
