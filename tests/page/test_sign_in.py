"""The way in: every key that does not open, every API that does not answer, and back to where one was."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.local_stack import KEY, LocalStack
from tests.page.browsing import Watch, signed_in
from tests.page.managing import a_key, asked, expect_sound, opened, told
from tests.processes import eventually

FAILED = "status of 401|status of 404|net::ERR_FAILED"


def type_key(page: Page, key: str) -> None:
    page.get_by_label("Key", exact=True).fill(key)
    page.get_by_role("button", name="Sign in").click()


def test_the_view_that_was_asked_for_is_shown_and_the_key_stays_in_the_tab(page: Page) -> None:
    page.goto("/ui/?page=budgets")
    expect(page).to_have_title("Sign in · Tollgate")
    expect_sound(page)
    type_key(page, f"  {KEY} ")
    expect(page.get_by_role("heading", level=1, name="Budgets")).to_be_visible()
    expect(page).to_have_title("Budgets · Tollgate")
    expect(page).to_have_url(re.compile(r"\?page=budgets$"))
    assert page.evaluate("JSON.stringify(localStorage) + document.cookie").count(KEY) == 0
    page.get_by_role("button", name="Key: Master key").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("Key", exact=True)).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('tollgate.key')") is None


@pytest.mark.parametrize(
    ("typed", "why"),
    [("", "Type or paste a key."), ("sk-ключ", "no letters beyond ASCII"), ("sk a", "no blanks")],
)
def test_what_cannot_be_a_key_is_told_at_the_field(page: Page, typed: str, why: str) -> None:
    page.goto("/ui/")
    type_key(page, typed)
    expect(page.get_by_text(why)).to_be_visible()


def test_a_key_that_is_wrong_blocked_expired_or_replaced_is_told_apart(
    page: Page, watch: Watch, stack: LocalStack
) -> None:
    watch.expect(FAILED)
    page.goto("/ui/")
    type_key(page, "sk-nobody-has-this-one")
    expect(page.get_by_text("No key here is like this one")).to_be_visible()
    expect_sound(page)
    with (
        a_key(stack, scopes=["usage:read"], blocked=True) as blocked,
        a_key(stack, scopes=["usage:read"], expires="2026-01-01T00:00:00Z") as expired,
        a_key(stack, scopes=["usage:read"]) as replaced,
    ):
        told(stack, "/key/regenerate", {"key": replaced["token"]})
        for key, why in (
            (blocked, "This key is blocked"),
            (expired, "This key has expired"),
            (replaced, "This key has another secret by now"),
        ):
            type_key(page, key["key"])
            expect(page.get_by_text(why)).to_be_visible()
    type_key(page, KEY)
    expect(page.get_by_role("heading", level=1, name="Usage")).to_be_visible()


def test_a_key_that_only_calls_models_is_told_what_it_lacks(page: Page, stack: LocalStack) -> None:
    with a_key(stack, key_alias="only calls") as key:
        signed_in(page, "", key["key"])
        expect(page.get_by_text("The key only calls calls models, and may not see usage.")).to_be_visible()
        expect_sound(page)


@pytest.mark.parametrize(
    ("path", "answer", "why"),
    [
        ("**/key/self", (200, "<html>a proxy's page</html>"), "something that is not JSON"),
        ("**/key/self", (200, '{"hello": "world"}'), "something that is not JSON"),
        (
            "**/key/self",
            (503, '{"error": {"message": "The store cannot be reached."}}'),
            "The store cannot be reached.",
        ),
        ("**/config.json", (404, "not found"), "config.json is missing"),
        ("**/config.json", (200, "<html>"), "config.json is missing"),
    ],
)
def test_an_api_that_answers_nonsense_is_told_and_asked_again(
    page: Page, watch: Watch, path: str, answer: tuple[int, str], why: str
) -> None:
    watch.expect("status of 503|status of 404")
    page.route(path, lambda route: route.fulfill(status=answer[0], body=answer[1]))
    signed_in(page, "?page=start")
    expect(page.get_by_text(why)).to_be_visible()
    page.unroute(path)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1, name="Start")).to_be_visible()


def test_an_api_that_is_down_is_told(page: Page, watch: Watch) -> None:
    watch.expect(FAILED)
    page.route("**/key/self", lambda route: route.abort())
    signed_in(page)
    expect(page.get_by_text("The API cannot be reached.")).to_be_visible()
    expect_sound(page)


def test_an_api_that_is_slow_is_told_and_can_be_left(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/key/self", hold)
    signed_in(page)
    expect(page.get_by_text("The API is slow to answer.")).to_be_visible(timeout=10_000)
    page.get_by_role("button", name="Sign in anew").click()
    type_key(page, KEY)
    expect(page.get_by_text("still waiting")).to_be_visible(timeout=10_000)
    held[-1].continue_()
    expect(page.get_by_role("heading", level=1, name="Usage")).to_be_visible()


def test_a_key_that_is_blocked_meanwhile_leads_back_to_the_same_view(
    page: Page, watch: Watch, stack: LocalStack
) -> None:
    watch.expect(FAILED)
    with a_key(stack, scopes=["admin"]) as key:
        opened(page, "?page=budgets", "Budgets", key["key"])
        told(stack, "/key/block", {"key": key["token"]})
        eventually(lambda: not _let_in(stack, key["key"]), "the block holds", within=15)
        page.get_by_role("link", name="Keys", exact=True).click()
        expect(page.get_by_text("This key is blocked")).to_be_visible()
        type_key(page, KEY)
        expect(page.get_by_role("heading", level=1, name="Keys")).to_be_visible()
        expect(page).to_have_url(re.compile(r"\?page=keys$"))


def test_another_key_is_shown_nothing_that_the_one_before_was_told(
    page: Page, watch: Watch, stack: LocalStack
) -> None:
    watch.expect(FAILED)
    with a_key(stack, scopes=["admin"]) as key, a_key(stack, scopes=["usage:read:nobody"]) as other:
        opened(page, "", "Usage", key["key"])
        expect(page.get_by_text("Success rate").first).to_be_visible()
        told(stack, "/key/block", {"key": key["token"]})
        eventually(lambda: not _let_in(stack, key["key"]), "the block holds", within=15)
        page.get_by_role("link", name="Keys", exact=True).click()
        expect(page.get_by_text("This key is blocked")).to_be_visible()
        page.go_back()
        page.route("**/customer/activity/series?*", lambda _: None)  # so that only memory could answer
        type_key(page, other["key"])
        expect(page.get_by_role("heading", level=1, name="Usage")).to_be_visible()
        expect(page.locator(".cards")).to_have_count(0)


def _let_in(stack: LocalStack, key: str) -> bool:
    return stack.get("/key/self", key=key).status_code == 200


def test_a_401_for_what_the_key_may_not_do_signs_nobody_out(
    page: Page, watch: Watch, stack: LocalStack
) -> None:
    watch.expect(FAILED)
    refusal = '{"error": {"message": "this key may not", "type": "auth_error", "code": "401"}}'
    page.route("**/budget/list", lambda route: route.fulfill(status=401, body=refusal))
    opened(page, "?page=budgets", "Budgets")
    expect(page.get_by_text("this key may not")).to_be_visible()
    assert asked(stack, "/key/self")["master"]


def test_the_keyboard_gets_past_the_bar_and_to_each_views_heading(page: Page) -> None:
    opened(page, "?page=start", "Start")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Start")).to_be_focused()
    page.get_by_role("link", name="Keys", exact=True).press("Enter")
    expect(page.get_by_role("heading", level=1, name="Keys")).to_be_focused()


def test_the_theme_is_kept(page: Page) -> None:
    opened(page, "?page=start", "Start")
    page.get_by_role("button", name="Theme").click()
    page.get_by_role("menuitemcheckbox", name="Dark").click()
    page.reload()
    expect(page.locator("html")).to_have_css("color-scheme", "dark")
    expect(page.get_by_role("heading", level=1, name="Start")).to_be_visible()


def test_a_view_whose_file_is_gone_says_so(page: Page, watch: Watch) -> None:
    watch.expect("status of 404|dynamically imported module|error occurred|Error")
    page.route("**/assets/Budgets-*.js", lambda route: route.fulfill(status=404, body=""))
    signed_in(page, "?page=budgets")
    expect(page.get_by_text("This view could not be shown")).to_be_visible()
    expect(page.get_by_role("link", name="Keys", exact=True)).to_be_visible()
