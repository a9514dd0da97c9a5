"""Tiers on the page: what was typed is what is kept, to the digit, and who is on a tier is known."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from playwright.sync_api import Page, expect

from tests.local_stack import LocalStack
from tests.page.browsing import Watch
from tests.page.managing import a_key, a_tier, asked, expect_sound, opened, told


def tier_of(stack: LocalStack, budget_id: str) -> dict[str, Any]:
    (found,) = (one for one in asked(stack, "/budget/list") if one["budget_id"] == budget_id)
    return dict(found)


def field(page: Page, label: str) -> Callable[[str], None]:
    """How to fill a field of the form."""
    return page.get_by_role("dialog").get_by_role("textbox", name=label, exact=True).first.fill


def test_a_tier_is_made_with_every_digit_that_was_typed(page: Page, stack: LocalStack) -> None:
    opened(page, "?page=budgets", "Budgets")
    page.get_by_role("button", name="Create a tier").click()
    dialog = page.get_by_role("dialog")
    field(page, "Name")("exact")
    field(page, "Budget (USD)")("123456789.123456789012")
    dialog.get_by_role("combobox", name="Window", exact=True).first.fill("1d")
    page.keyboard.press("Escape")  # closes the suggestions only
    dialog.get_by_role("button", name="Add a window").click()
    dialog.get_by_role("textbox", name="Budget (USD)").nth(1).fill("0.10")
    dialog.get_by_role("combobox", name="Window").nth(1).fill("1mo")
    field(page, "Requests a minute")("60")
    expect_sound(page)
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1, name="exact", exact=True)).to_be_visible()
    try:
        kept = tier_of(stack, "exact")
        assert kept["max_budget"] == Decimal("123456789.123456789012")
        assert kept["budget_limits"] == [{"max_budget": Decimal("0.1"), "budget_duration": "1mo"}]
        assert (kept["budget_duration"], kept["rpm_limit"], kept["soft_budget"]) == ("1d", 60, None)
        expect(page.get_by_text("$123,456,789.123456789012 each day")).to_be_visible()
        expect_sound(page)
    finally:
        told(stack, "/budget/delete", {"id": "exact"})


def test_only_what_was_changed_is_sent(page: Page, stack: LocalStack) -> None:
    models = {"gpt-4*": {"max_budget": 2, "budget_duration": "1d"}}
    with a_tier(stack, "edited", max_budget="0.30", rpm_limit=7, model_max_budget=models, mode="observe"):
        opened(page, "?page=budgets&id=edited", "edited")
        page.get_by_role("button", name="Edit").click()
        field(page, "Requests a minute")("")
        field(page, "Budget (USD)")("0.70")
        with page.expect_request("**/budget/update") as sent:
            page.get_by_role("dialog").get_by_role("button", name="Save").click()
        assert sent.value.post_data == '{"budget_id":"edited","max_budget":0.7,"rpm_limit":null}'
        expect(page.get_by_role("dialog")).to_have_count(0)
        kept = tier_of(stack, "edited")
        assert (kept["max_budget"], kept["rpm_limit"], kept["mode"]) == (Decimal("0.7"), None, "observe")
        expect(page.get_by_text("$0.70 in all")).to_be_visible()


def test_what_cannot_be_kept_is_told_at_its_field(page: Page, stack: LocalStack, watch: Watch) -> None:
    watch.expect("status of 400")
    with a_tier(stack, "taken"):
        opened(page, "?page=budgets&do=new", "Budgets")
        dialog = page.get_by_role("dialog")
        field(page, "Budget (USD)")("1,50")
        field(page, "Requests a minute")("many")
        dialog.get_by_role("button", name="Create").click()
        expect(dialog.get_by_text("Write the decimals after a point: 0.50.")).to_be_visible()
        expect(dialog.get_by_text("Write a whole number in digits, such as 60.")).to_be_visible()
        expect_sound(page)
        field(page, "Budget (USD)")("1.50")
        field(page, "Requests a minute")("")
        field(page, "Name")("taken")
        dialog.get_by_role("button", name="Create").click()
        expect(dialog.get_by_text("Budget with id 'taken' already exists.")).to_be_visible()


def test_a_tier_is_deleted_after_saying_who_is_on_it(page: Page, stack: LocalStack) -> None:
    everyone = [f"member-{n:02}" for n in range(23)]
    with (
        a_tier(stack, "crowded", max_budget=1),
        a_key(stack, key_alias="of crowd", end_user_budget_id="crowded"),
    ):
        for one in everyone:
            told(stack, "/customer/new", {"user_id": one, "budget_id": "crowded"})
        try:
            opened(page, "?page=budgets&id=crowded", "crowded")
            expect(page.get_by_text("23 customers")).to_be_visible()
            expect(page.get_by_role("link", name="of crowd")).to_be_visible()
            rows = page.get_by_role("table", name="Customers on the tier").get_by_role("link")
            expect(rows).to_have_count(20)
            page.get_by_role("button", name="Show more").click()
            expect(rows).to_have_count(23)
            assert rows.all_inner_texts() == everyone
            expect_sound(page)
            page.get_by_role("button", name="Delete").click()
            dialog = page.get_by_role("dialog")
            expect(dialog.get_by_text("23 customers")).to_be_visible()
            expect_sound(page)
            dialog.get_by_role("button", name="Delete").click()
            expect(page.get_by_role("heading", level=1, name="Budgets")).to_be_visible()
            expect(page.get_by_role("link", name="crowded")).to_have_count(0)
            assert all(one["budget_id"] != "crowded" for one in asked(stack, "/budget/list"))
        finally:
            told(stack, "/customer/delete", {"user_ids": everyone})


def test_tiers_are_found_by_name_and_a_link_shows_the_same(page: Page, stack: LocalStack) -> None:
    with a_tier(stack, "find-me", max_budget=3):
        opened(page, "?page=budgets", "Budgets")
        page.get_by_label("Find a tier").fill("FIND")
        expect(page.get_by_role("row")).to_have_count(2)
        expect_sound(page)
        page.reload()
        expect(page.get_by_role("row")).to_have_count(2)
        page.get_by_label("Find a tier").fill("nothing like it")
        expect(page.get_by_text("No tier has “nothing like it” in its name.")).to_be_visible()


def test_a_tier_that_is_gone_says_so(page: Page) -> None:
    opened(page, "?page=budgets&id=gone", "gone")
    expect(page.get_by_text("There is no tier “gone”")).to_be_visible()
    expect_sound(page)


def test_readers_are_told_whom_it_is_for(page: Page, stack: LocalStack) -> None:
    with a_key(stack, scopes=["usage:read"]) as key:
        opened(page, "?page=budgets", "Budgets", key["key"])
        expect(page.get_by_text("This view is for admins")).to_be_visible()
        expect(page.get_by_role("link", name="Budgets", exact=True)).to_have_count(0)
