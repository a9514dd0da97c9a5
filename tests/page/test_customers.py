"""The list of customers: found, paged, made one by one and from CSV with a report on each row."""

import re

from playwright.sync_api import Page, expect

from tests.local_stack import LocalStack
from tests.page.browsing import Watch, axe_finds, signed_in
from tests.page.customers_shown import (
    api,
    customer_of,
    customer_there,
    gone,
    info,
    rows_of,
    settled,
)

VIEW = "?page=customers"


def test_pages_hold_everybody_once(page: Page, stack: LocalStack) -> None:
    total = api(stack, "GET", "/customer/list", params={"page_size": 1}).headers["x-total-count"]
    signed_in(page, VIEW)
    seen: list[str] = []
    following = page.get_by_role("button", name="Next page")
    number = 1
    while True:
        expect(page.get_by_text(f"Page {number}", exact=True)).to_be_visible()
        seen += [customer_of(row[0]) for row in rows_of(page, "Customers")]
        if not following.is_enabled():
            break
        following.click()
        number += 1
    assert len(seen) == len(set(seen)) == int(total)


def test_a_search_is_in_the_address(page: Page, stack: LocalStack) -> None:
    with customer_there(stack, "needle-1", alias="In the Hay") as customer:
        signed_in(page, VIEW)
        settled(page)
        page.get_by_label("Search customers by id or name").fill("the hay")
        expect(page).to_have_url(re.compile(r"search=the\+hay|search=the%20hay"))
        expect(page.get_by_role("link", name="In the Hay")).to_be_visible()
        page.reload()
        rows = rows_of(page, "Customers")
        assert [customer_of(row[0]) for row in rows] == [customer]


def test_nobody_found_is_said(page: Page) -> None:
    signed_in(page, f"{VIEW}&search=no-such-customer-at-all")
    expect(page.get_by_text("Nobody's id or name contains that.")).to_be_visible()


def test_a_customer_is_made_and_shown(page: Page, stack: LocalStack) -> None:
    signed_in(page, VIEW)
    settled(page)
    page.get_by_role("button", name="New customer").click()
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Write the id that calls name the customer by.")).to_be_visible()
    page.get_by_label("Id", exact=True).fill("made/here now")
    page.get_by_role("textbox", name="Name").fill("Made Here")
    page.get_by_role("radio", name="Its own", exact=True).click()
    page.get_by_label("Budget (USD)").first.fill("12.50")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Made Here")).to_be_visible()
    expect(page.get_by_text("$12.50 in all").first).to_be_visible()
    assert info(stack, "made/here now")["alias"] == "Made Here"
    gone(stack, "made/here now")


def test_an_id_that_is_taken_is_said_at_the_field(page: Page, stack: LocalStack, watch: Watch) -> None:
    watch.expect("status of 400")
    with customer_there(stack, "taken"):
        signed_in(page, VIEW)
        settled(page)
        page.get_by_role("button", name="New customer").click()
        page.get_by_label("Id", exact=True).fill("taken")
        page.get_by_role("button", name="Create").click()
        expect(page.get_by_label("Id", exact=True)).to_have_attribute("aria-invalid", "true")


def test_an_import_reports_on_every_row(page: Page, stack: LocalStack) -> None:
    rows = "user_id,max_budget,budget_duration\nimported-1,0.10,1d\nimported-2,minus,1d\nimported-3,,\n"
    signed_in(page, VIEW)
    settled(page)
    page.get_by_role("button", name="Import from CSV").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "customers.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("2 made, 1 not.")).to_be_visible()
    report = page.get_by_role("table", name="Rows")
    expect(report).to_contain_text("max_budget must be a non-negative finite number")
    assert axe_finds(page) == []
    page.get_by_role("button", name="Done").click()
    assert str(info(stack, "imported-1")["litellm_budget_table"]["max_budget"]) in {"0.1", "0.10"}
    gone(stack, "imported-1", "imported-3")


def test_a_file_that_is_no_list_is_refused_with_the_reason(page: Page, watch: Watch) -> None:
    watch.expect("status of 4")
    signed_in(page, VIEW)
    settled(page)
    page.get_by_role("button", name="Import from CSV").click()
    page.get_by_label("Or paste it here").fill("nonsense\n1\n")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("There is no field 'nonsense'")).to_be_visible()


def test_axe_finds_nothing(page: Page) -> None:
    signed_in(page, VIEW)
    rows_of(page, "Customers")
    assert axe_finds(page) == []
