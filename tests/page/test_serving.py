"""The page as a browser gets it: it opens, under its own policy, and asks nobody else."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.local_stack import LocalStack
from tests.page.browsing import Watch, axe_finds, signed_in

INLINE = (
    "() => document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))"
)


def test_the_page_opens(page: Page) -> None:
    page.goto("/ui/")
    expect(page).to_have_title(re.compile("Tollgate"))


@pytest.mark.parametrize("path", ["/ui", "/ui/"])
def test_litellms_link_opens_customer_usage(page: Page, stack: LocalStack, path: str) -> None:
    page.goto(f"{path}?login=success&page=new_usage")
    expect(page).to_have_url(f"{stack.url}/ui/?page=usage&tab=customers")
    expect(page).to_have_title(re.compile("Tollgate"))


def test_a_key_is_asked_for_unless_the_session_has_one(page: Page) -> None:
    field = page.locator("input[type=password]")
    page.goto("/ui/")
    expect(field).to_be_visible()
    assert axe_finds(page) == []
    signed_in(page)
    expect(page.get_by_role("navigation").first).to_be_visible()
    expect(field).to_have_count(0)


def test_what_the_policy_forbids_does_not_run_and_is_told(page: Page, watch: Watch) -> None:
    page.goto("/ui/")
    page.evaluate(INLINE)
    page.evaluate("() => fetch('http://127.0.0.1:9/').catch(() => 0)")
    assert page.evaluate("window.ran") is None
    told = "".join(one for one in watch.complaints() if "CSP: " in one)
    assert "script-src-elem forbids inline" in told
    assert "connect-src forbids http://127.0.0.1:9" in told
    watch.expect("Content Security Policy|CSP: |asked another host")
