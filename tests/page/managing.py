"""The API beside the page, for tests that look at what the page did, and clean up after it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import httpx2
from playwright.sync_api import Page, expect

from tests.local_stack import KEY, LocalStack
from tests.page.browsing import axe_finds, signed_in


def asked(stack: LocalStack, path: str, key: str = KEY) -> Any:
    """What the API answers; money as Decimal."""
    answer = httpx2.get(f"{stack.url}{path}", headers={"Authorization": f"Bearer {key}"}, timeout=30)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text, parse_float=Decimal)


def told(stack: LocalStack, path: str, body: dict[str, Any], *, missing_is_fine: bool = False) -> Any:
    """What the API answers to a change."""
    headers = {"Authorization": f"Bearer {KEY}"}
    answer = httpx2.post(f"{stack.url}{path}", headers=headers, json=body, timeout=30)
    assert answer.status_code == 200 or (missing_is_fine and answer.status_code == 404), answer.text
    return json.loads(answer.text, parse_float=Decimal)


@contextmanager
def a_key(stack: LocalStack, **fields: Any) -> Iterator[dict[str, Any]]:
    """A key that is gone afterwards, with its secret as `key`."""
    made = told(stack, "/key/generate", fields)
    yield made
    told(stack, "/key/delete", {"keys": [made["token"]]}, missing_is_fine=True)


@contextmanager
def a_tier(stack: LocalStack, budget_id: str, **fields: Any) -> Iterator[None]:
    """A tier that is gone afterwards."""
    told(stack, "/budget/new", {"budget_id": budget_id, **fields})
    yield
    told(stack, "/budget/delete", {"id": budget_id}, missing_is_fine=True)


def opened(page: Page, path: str, heading: str, key: str = KEY) -> Page:
    """A view, once its heading is there."""
    signed_in(page, path, key)
    expect(page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()
    return page


def expect_sound(page: Page) -> None:
    """Nothing for axe to find, in light and dark, and nothing wider than a phone."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_timeout(300)  # colours change over a moment
        found = axe_finds(page)
        assert found == [], found
    size = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size(size or {"width": 1440, "height": 900})
