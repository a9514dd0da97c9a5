"""What the tests of Usage share: where numbers stand on the page, and what the ledger has."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from playwright.sync_api import Locator, Page, expect

from tests.books import LedgerRow, ledger_rows
from tests.local_stack import LocalStack

TODAY = datetime.now(UTC).date()
RANGE = f"{TODAY - timedelta(days=20)}..{TODAY - timedelta(days=1)}"


def amount(element: Locator) -> Decimal:
    """The exact amount in an element's title."""
    title = element.get_attribute("title") or ""
    return Decimal(re.sub(r"[^0-9.-]", "", title))


def settled(page: Page) -> None:
    """Wait until every answer is shown."""
    expect(page.locator(".chart, .card").first).to_be_visible()
    expect(page.locator("[aria-busy=true], .refreshing")).to_have_count(0)


def card(page: Page, label: str) -> Locator:
    """The number of a card."""
    return page.locator(".card").filter(has_text=label).locator(".numbers[title]").first


def charged(rows: list[LedgerRow]) -> Decimal:
    """What some calls came to."""
    return sum((row.sums.get("charge", Decimal(0)) for row in rows), Decimal(0))


def calls_of(stack: LocalStack) -> list[LedgerRow]:
    """The ledger's calls in the range of these tests."""
    first, last = RANGE.split("..")
    rows = ledger_rows(stack.aws.dynamodb, stack.aws.tables.ledger).values()
    return [row for row in rows if first <= row.day <= last]
