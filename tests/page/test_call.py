"""A call's page: its cost to the last digit, what was held, where its time went."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from tests.local_stack import LocalStack
from tests.page.browsing import Watch, axe_finds, signed_in
from tests.page.logs_shown import busiest, call_made, charge, posted, reading_key, usd


def test_the_receipt_adds_up_to_the_ledgers_charge(page: Page, stack: LocalStack) -> None:
    calls = busiest(stack).calls
    dearest = max(calls, key=lambda call: charge(calls[call]))
    signed_in(page, f"?page=call&id={dearest}")
    receipt = page.get_by_role("table", name="The cost, line by line")
    expect(receipt).to_be_visible()
    amounts = [usd(row.locator("td").last.inner_text()) for row in receipt.locator("tbody tr").all()]
    assert sum(amounts) == charge(calls[dearest])
    assert usd(receipt.locator("tfoot tr").last.locator("td").inner_text()) == charge(calls[dearest])
    expect(page.get_by_text("The lines add up to the cost exactly")).to_be_visible()


def test_quantity_times_price_is_the_amount(page: Page, stack: LocalStack) -> None:
    calls = busiest(stack).calls
    dearest = max(calls, key=lambda call: charge(calls[call]))
    signed_in(page, f"?page=call&id={dearest}")
    lines = page.get_by_role("table", name="The cost, line by line").locator("tbody tr")
    expect(lines.first).to_be_visible()
    quantities = set()
    for line in lines.all():
        quantity, price, amount = (cell.inner_text() for cell in line.locator("td").all())
        quantities.add(int(usd(quantity)))
        assert usd(quantity) * usd(price.removesuffix(" / 1M")) / Decimal(1_000_000) == usd(amount)
    assert quantities == set(calls[dearest].usage.values())


def test_the_hold_against_the_charge(page: Page, stack: LocalStack) -> None:
    posted(stack, "/customer/new", {"user_id": "held by page", "max_budget": 5, "budget_duration": "1d"})
    call_made(stack, "held by page")
    signed_in(page, "?page=logs&end_user=held+by+page")
    page.locator('a[href*="page=call"]').first.click()
    held = page.get_by_text("Held at admission").locator("xpath=following::*[1]")
    given_back = page.get_by_text("Given back").locator("xpath=following::*[1]")
    settled = page.get_by_text("Settled as charge").locator("xpath=following::*[1]")
    assert usd(held.inner_text()) > 0
    assert usd(held.inner_text()) - usd(settled.inner_text()) == usd(given_back.inner_text())


def test_its_time_is_told_in_words_too(page: Page, stack: LocalStack) -> None:
    call_made(stack, "timed by page")
    signed_in(page, "?page=logs&end_user=timed+by+page")
    page.locator('a[href*="page=call"]').first.click()
    stretches = page.get_by_role("table", name="The time of the call").locator("tbody tr")
    expect(stretches).to_contain_text([r"Waiting for the first byte", "Answer", "Booking"])
    expect(stretches.first).to_contain_text("at 0 ms")


def test_its_json_is_there_to_copy(page: Page, stack: LocalStack) -> None:
    calls = busiest(stack).calls
    dearest = max(calls, key=lambda call: charge(calls[call]))
    signed_in(page, f"?page=call&id={dearest}")
    page.get_by_role("button", name="As JSON").focus()
    page.keyboard.press("Enter")
    raw = page.get_by_role("region", name="The call as JSON")
    expect(raw).to_contain_text(f'"request_id": "{dearest}"')
    expect(raw).to_contain_text(f'"charge": {charge(calls[dearest]).normalize():f}')


@pytest.mark.parametrize("call", ["no-such-call", "", "01a21a46-7a5a-7648-beed-000000000000"])
def test_no_such_call_says_where_to_look(page: Page, watch: Watch, call: str) -> None:
    watch.expect("status of 404")
    signed_in(page, f"?page=call&id={call}")
    page.get_by_role("link", name="Find it in the logs").click()
    expect(page.get_by_role("heading", name="Logs", level=1)).to_be_visible()


def test_anothers_call_is_no_call_for_a_customers_key(page: Page, watch: Watch, stack: LocalStack) -> None:
    watch.expect("status of 404")
    signed_in(
        page, f"?page=call&id={next(iter(busiest(stack).calls))}", key=reading_key(stack, "somebody else")
    )
    expect(page.get_by_text("your key shows only your own calls")).to_be_visible()


def test_a_customer_sees_quantities_and_the_charge_without_prices(page: Page, stack: LocalStack) -> None:
    most = busiest(stack)
    dearest = max(most.calls, key=lambda call: charge(most.calls[call]))
    signed_in(page, f"?page=call&id={dearest}", key=reading_key(stack, most.customer))
    expect(page.get_by_role("heading", name="Charge", exact=True)).to_be_visible()
    receipt = page.get_by_role("table", name="What was used, and the charge")
    expect(receipt).to_be_visible()
    used = [usd(line.locator("td").inner_text()) for line in receipt.locator("tbody tr").all()]
    assert sorted(used) == sorted(most.calls[dearest].usage.values())
    assert receipt.get_by_role("columnheader").all_inner_texts() == ["What", "Quantity"]
    assert usd(receipt.locator("tfoot td").inner_text()) == charge(most.calls[dearest])
    page.get_by_role("button", name="As JSON").click()
    raw = page.get_by_role("region", name="The call as JSON")
    expect(raw).to_contain_text('"charge"')
    expect(raw).not_to_contain_text(re.compile(r'"(cost|unit_price|amount)"'))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, stack: LocalStack, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    signed_in(page, f"?page=call&id={next(iter(busiest(stack).calls))}")
    expect(page.get_by_role("table", name="The time of the call")).to_be_visible()
    page.get_by_role("button", name="As JSON").click()
    assert axe_finds(page) == []


def test_a_phone_does_not_scroll_sideways(page: Page, stack: LocalStack) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    signed_in(page, f"?page=call&id={next(iter(busiest(stack).calls))}")
    expect(page.get_by_role("table", name="The time of the call")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
