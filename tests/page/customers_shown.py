"""What the page shows of customers, and what the ledger and the API have of them."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx2
from playwright.sync_api import Locator, Page, expect

from tests.books import LedgerRow, ledger_rows
from tests.local_stack import KEY, LocalStack

SETTLED_MS: Final = 60_000  # a view asks six things at once, of a machine that may have others to do


def calls_of(stack: LocalStack, first: str, last: str) -> list[LedgerRow]:
    """The ledger's counted calls of some days."""
    rows = ledger_rows(stack.aws.dynamodb, stack.aws.tables.ledger).values()
    return [row for row in rows if row.state == "closed" and first <= row.day <= last]


def charged(rows: Iterable[LedgerRow]) -> Decimal:
    """What calls came to, USD."""
    return sum((Decimal(row.sums.get("charge", 0)) for row in rows), Decimal(0))


def usd(element: Locator) -> Decimal:
    """The exact amount in an element's title."""
    title = element.get_attribute("title") or ""
    return Decimal(re.sub(r"[^0-9.-]", "", title))


def settled(page: Page) -> None:
    """Wait until every answer is shown."""
    expect(page.locator("h1").first).to_be_visible(timeout=SETTLED_MS)
    expect(page.locator("[aria-busy=true], .refreshing, .middle")).to_have_count(0, timeout=SETTLED_MS)


def rows_of(page: Page, table: str) -> list[list[Locator]]:
    """The cells of each row of a table."""
    rows = page.get_by_role("table", name=table, exact=True).locator("tbody tr")
    expect(rows.first).to_be_visible(timeout=SETTLED_MS)
    settled(page)
    return [row.locator("th, td").all() for row in rows.all()]


def customer_of(cell: Locator) -> str:
    """The id that a cell's link leads to."""
    href = cell.locator("a").first.get_attribute("href") or ""
    return parse_qs(urlsplit(href).query)["id"][0]


def api(stack: LocalStack, method: str, path: str, **options: Any) -> httpx2.Response:
    """Ask the API with the master key."""
    headers = {"Authorization": f"Bearer {KEY}"}
    return httpx2.request(method, f"{stack.url}{path}", headers=headers, timeout=30, **options)


def info(stack: LocalStack, customer: str) -> dict[str, Any]:
    """A customer as the API shows it, with its money as Decimal."""
    answer = api(stack, "GET", "/customer/info", params={"end_user_id": customer})
    assert answer.status_code == 200, answer.text
    return dict(answer.json(parse_float=Decimal))


@contextmanager
def customer_there(stack: LocalStack, customer: str, **fields: Any) -> Iterator[str]:
    """A customer that is made, and gone at the end."""
    made = api(stack, "POST", "/customer/new", json={"user_id": customer, **fields})
    assert made.status_code == 200, made.text
    yield customer
    gone(stack, customer)


def gone(stack: LocalStack, *customers: str) -> None:
    """Delete customers, whether or not they are there."""
    for customer in customers:
        api(stack, "POST", "/customer/delete", json={"user_ids": [customer]})


def sideways(page: Page) -> int:
    """By how many pixels the page itself is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
