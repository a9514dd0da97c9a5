"""What the ledger holds, and what the page shows of it, to be held against each other."""

import re
from collections import Counter
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

import httpx2
from playwright.sync_api import Page, expect

from tests.books import LedgerRow, ledger_rows
from tests.local_stack import KEY, LocalStack

PREFERENCES = 'localStorage.setItem("tollgate.logs", JSON.stringify({{size: {size}, columns: {columns}}}))'


class Busiest(NamedTuple):
    """The customer with most calls on a day, that day, and these calls by id."""

    customer: str
    day: str
    calls: dict[str, LedgerRow]

    @property
    def path(self) -> str:
        """Its logs."""
        return f"?page=logs&end_user={quote(self.customer)}&range={self.day}..{self.day}"


def busiest(stack: LocalStack) -> Busiest:
    """Whoever called most on a day."""
    rows = ledger_rows(stack.aws.dynamodb, stack.aws.tables.ledger)
    closed = {call: row for call, row in rows.items() if row.state == "closed"}
    ((customer, day), _), *_ = Counter((row.customer, row.day) for row in closed.values()).most_common(1)
    return Busiest(
        customer,
        day,
        {call: row for call, row in closed.items() if (row.customer, row.day) == (customer, day)},
    )


def charge(row: LedgerRow) -> Decimal:
    """What a call was charged, USD."""
    return Decimal(row.sums.get("charge", 0))


def usd(text: str | None) -> Decimal:
    """An amount as the page writes it."""
    assert text is not None
    return Decimal(re.sub(r"[$,]", "", text))


def rows_shown(page: Page) -> dict[str, Decimal]:
    """The calls on the page and what they cost, by the exact amount in the title."""
    expect(page.locator('tbody a[href*="page=call"]').first).to_be_visible()
    expect(page.locator(".refreshing")).to_have_count(0)
    found: dict[str, Decimal] = {}
    for row in page.locator("tbody tr").all():
        link = row.locator('a[href*="page=call"]')
        (request_id,) = parse_qs(urlsplit(link.get_attribute("href") or "").query)["id"]
        found[request_id] = usd(row.locator("span[title^='$']").get_attribute("title"))
    return found


def prefer(page: Page, size: int, *columns: str) -> None:
    """Show so many calls on a page, and these columns of them."""
    page.add_init_script(PREFERENCES.format(size=size, columns=list(columns)))


def call_made(stack: LocalStack, user: str) -> Any:
    """One call for a customer, closed and counted."""
    with stack.openai() as client:
        answer = client.chat.completions.create(
            model="gpt-4o", user=user, messages=[{"role": "user", "content": "hello"}], max_tokens=20
        )
    assert stack.settled()
    return answer


def posted(stack: LocalStack, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The answer to a change, made with the master key."""
    with httpx2.Client(trust_env=False, timeout=30) as http:
        answer = http.post(stack.url + path, json=body, headers={"authorization": f"Bearer {KEY}"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def reading_key(stack: LocalStack, customer: str) -> str:
    """A key that reads one customer's usage."""
    return str(posted(stack, "/key/generate", {"scopes": [f"usage:read:{customer}"]})["key"])
