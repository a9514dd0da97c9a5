"""Keys on the page: made with the keyboard alone, shown once, changed and ended; each is as it was set."""

import re
from decimal import Decimal

from playwright.sync_api import Page, expect

from tests.local_stack import LocalStack
from tests.page.browsing import Watch
from tests.page.managing import a_key, asked, expect_sound, opened, told
from tests.page.test_start import copied

TTL_MS = 6000  # a key is remembered for five seconds


def tab_to(page: Page, name: str, most: int = 40) -> None:
    """Press Tab until something with this name has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(_NAMED, name):
            return
    raise AssertionError(f"{name} cannot be reached with the keyboard")


_NAMED = """(name) => {
  const at = document.activeElement;
  const by = (at.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id));
  const labels = [...(at.labels ?? []), ...by].map((one) => one?.innerText);
  const texts = [at.getAttribute("aria-label"), at.innerText, ...labels];
  return texts.some((text) => text?.trim().startsWith(name));
}"""


def test_a_key_is_made_with_the_keyboard_alone_and_calls(page: Page, stack: LocalStack) -> None:
    opened(page, "?page=keys", "Keys")
    tab_to(page, "Create a key")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Alias")).to_be_focused()
    page.keyboard.type("by keyboard")
    page.keyboard.press("Enter")
    secret = page.get_by_role("region", name="key", exact=True)
    expect(secret).to_be_visible()
    text = secret.inner_text().strip()
    try:
        assert re.fullmatch(r"sk-[\w-]{43}", text)
        (kept,) = (one for one in _keys(stack) if one["key_alias"] == "by keyboard")
        assert (kept["scopes"], kept["expires"], kept["customer_id"]) == (["proxy"], None, None)
        expect_sound(page)
        tab_to(page, "I have kept it")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_role("link", name="by keyboard")).to_be_visible()
        assert text not in page.content() + page.url
        assert text not in page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
        assert stack.get("/v1/models", key=text).status_code == 200
    finally:
        told(stack, "/key/delete", {"key_aliases": ["by keyboard"]})


def _keys(stack: LocalStack) -> list[dict[str, object]]:
    found = asked(stack, "/key/list?size=100&return_full_object=true")
    return list(found["keys"])


def test_every_field_of_a_new_key_is_kept(page: Page, stack: LocalStack) -> None:
    opened(page, "?page=keys&do=new", "Keys")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Alias").fill("full")
    dialog.get_by_label("Speaks for").fill("initech")
    dialog.get_by_text("Everybody's usage (usage:read)").click()
    dialog.get_by_label("Models", exact=True).fill("gpt-4*")
    page.get_by_role("option", name="Add gpt-4*").click()
    dialog.get_by_role("button", name="Expires").click()
    page.get_by_role("option", name="In 30 days").click()
    dialog.get_by_role("button", name="Own limits").click()
    dialog.get_by_role("textbox", name="Budget (USD)", exact=True).first.fill("0.000000000001")
    expect_sound(page)
    dialog.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_text("This is the only time that it is shown.")).to_be_visible()
    try:
        (kept,) = (one for one in _keys(stack) if one["key_alias"] == "full")
        assert kept["scopes"] == ["proxy", "usage:read"]
        assert (kept["customer_id"], kept["models"]) == ("initech", ["gpt-4*"])
        assert str(kept["max_budget"]) == "1E-12"
        assert kept["expires"] is not None
        for tab in ("curl", "OpenAI SDK", "Anthropic SDK", "Claude Code"):
            page.get_by_role("tab", name=tab).click()
            lines = page.get_by_role("region", name=f"{tab} lines")
            expect(lines).to_contain_text("sk-")
            expect(lines).not_to_contain_text("acme")  # it speaks for initech anyway
    finally:
        told(stack, "/key/delete", {"key_aliases": ["full"]})


def test_what_is_wrong_is_told_at_its_field(page: Page, stack: LocalStack, watch: Watch) -> None:
    watch.expect("status of 400")
    with a_key(stack, key_alias="taken"):
        opened(page, "?page=keys&do=new", "Keys")
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Call models (proxy)").uncheck()
        dialog.get_by_role("button", name="Create", exact=True).click()
        expect(dialog.get_by_text("Choose at least one thing that the key may do.")).to_be_visible()
        expect_sound(page)
        dialog.get_by_label("Call models (proxy)").check()
        dialog.get_by_label("Alias").fill("taken")
        dialog.get_by_role("button", name="Create", exact=True).click()
        expect(dialog.get_by_text("Key with alias 'taken' already exists.").first).to_be_visible()
        expect(dialog.get_by_label("Alias")).to_have_attribute("aria-invalid", "true")


def test_a_key_is_blocked_unblocked_given_another_secret_and_deleted(page: Page, stack: LocalStack) -> None:
    with a_key(stack, key_alias="busy") as key:
        opened(page, f"?page=keys&id={key['token']}", "busy")
        expect(page.get_by_text("Active")).to_be_visible()
        expect_sound(page)
        for verb, state, status in (("Block", "Blocked", 401), ("Unblock", "Active", 200)):
            _confirm(page, verb)
            expect(page.get_by_text(state, exact=True)).to_be_visible()
            page.wait_for_timeout(TTL_MS)  # not asked for again and again: who guesses keys is slowed down
            assert _status(stack, key["key"]) == status
        page.get_by_role("button", name="Regenerate").click()
        expect_sound(page)
        page.get_by_role("dialog").get_by_role("button", name="Regenerate").click()
        expect(page.get_by_text("This is the only time that it is shown.")).to_be_visible()
        new = copied(page, "Copy key")
        assert re.fullmatch(r"sk-[\w-]{43}", new)
        assert new != key["key"]
        page.get_by_role("button", name="I have kept it").click()
        page.wait_for_timeout(TTL_MS)
        assert (_status(stack, new), _status(stack, key["key"])) == (200, 401)
        _confirm(page, "Delete")
        expect(page.get_by_role("heading", level=1, name="Keys")).to_be_visible()
        expect(page.get_by_role("link", name="busy")).to_have_count(0)
        assert key["token"] not in [one["token"] for one in _keys(stack)]


def _confirm(page: Page, verb: str) -> None:
    page.get_by_role("button", name=verb, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=verb, exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def _status(stack: LocalStack, key: str) -> int:
    return stack.get("/v1/models", key=key).status_code


def test_keys_show_their_spend_state_and_last_use(page: Page, stack: LocalStack) -> None:
    with a_key(stack, key_alias="worn out", expires="2026-01-01T00:00:00Z"):
        opened(page, "?page=keys", "Keys")
        expect(page.get_by_role("row", name="worn out").get_by_text("Expired")).to_be_visible()
        expect_sound(page)
        for key in _keys(stack):
            row = page.get_by_role("row").filter(has_text=str(key["key_alias"] or key["key_name"]))
            exact = row.locator(".numbers").get_attribute("title") or ""
            assert Decimal(exact.removeprefix("$").replace(",", "")) == key["spend"]
        page.get_by_label("Find a key").fill("worn")
        expect(page.get_by_role("row")).to_have_count(2)


def test_a_key_that_is_gone_says_so(page: Page, watch: Watch) -> None:
    watch.expect("status of 404")
    opened(page, f"?page=keys&id={'0' * 64}", "Key")
    expect(page.get_by_text("Key not found in database")).to_be_visible()
    expect_sound(page)
