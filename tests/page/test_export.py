"""What a chart's menu gives: a picture, its rows, and the question as a command that answers the same."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from local.settings import DEMO_KEY
from tests.local_stack import LocalStack
from tests.page.browsing import signed_in
from tests.page.usage import RANGE, calls_of, charged, settled
from tollgate.money import loads

PNG = b"\x89PNG\r\n\x1a\n"
CHART = "Export Spend over time"
VIEW = f"?page=usage&range={RANGE}&compare=none"
SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifts += one.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def downloaded(page: Page, item: str) -> Path:
    page.get_by_role("button", name=CHART).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=item).click()
    return Path(download.value.path())


def test_a_chart_is_a_picture_and_its_rows(page: Page, stack: LocalStack) -> None:
    signed_in(page, VIEW)
    settled(page)
    assert downloaded(page, "Download PNG").read_bytes().startswith(PNG)
    text = downloaded(page, "Download CSV").read_text("utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    total = sum((Decimal(cell) for row in rows[1:] for cell in row[1:]), Decimal(0))
    assert total == charged(calls_of(stack))


def test_a_chart_is_a_command_without_the_key(page: Page, stack: LocalStack) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    signed_in(page, VIEW)
    settled(page)
    page.get_by_role("button", name=CHART).click()
    page.get_by_role("menuitem", name="Copy as API call").click()
    expect(page.get_by_text("Copied. Set TOLLGATE_KEY")).to_be_visible()
    command = str(page.evaluate("() => navigator.clipboard.readText()"))
    assert DEMO_KEY not in command
    path = command.rsplit('"', 2)[1].removeprefix(stack.url)
    assert loads(stack.get(path).content)["totals"]["api_requests"] > 0


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_moves_when_the_answers_come(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(SHIFTS)
    signed_in(page, "?page=usage")
    settled(page)
    assert page.evaluate("() => window.shifts < 0.1")  # what web.dev calls good
