"""The first call: its lines run as they are copied, and the page notices that it has arrived."""

import subprocess
from decimal import Decimal

from playwright.sync_api import Page, expect

from tests.books import ledger_rows
from tests.local_stack import LocalStack
from tests.page.managing import a_key, expect_sound, opened

PATIENT_MS = 20_000


def copied(page: Page, label: str) -> str:
    """What a copy button puts on the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name=label).click()
    text = page.evaluate("navigator.clipboard.readText()")
    assert isinstance(text, str)
    return text


def test_the_three_lines_send_a_call_that_is_noticed(page: Page, stack: LocalStack) -> None:
    opened(page, "?page=start", "Start")
    expect(page.get_by_text("Waiting for your call…")).to_be_visible()
    page.wait_for_timeout(1000)  # so that the page has begun to listen
    lines = copied(page, "Copy curl lines")
    assert len(lines.splitlines()) == 3
    before = ledger_rows(stack.aws.dynamodb, stack.aws.tables.ledger).keys()
    sent = subprocess.run(["bash", "-c", lines], capture_output=True, text=True, check=True)  # noqa: S603, S607
    assert '"chat.completion"' in sent.stdout
    expect(page.get_by_text("Your call has arrived")).to_be_visible(timeout=PATIENT_MS)
    assert stack.settled()
    rows = ledger_rows(stack.aws.dynamodb, stack.aws.tables.ledger)
    ((call, row),) = ((call, row) for call, row in rows.items() if call not in before)
    assert row.customer == "acme"
    shown = page.get_by_text("acme called gpt-4o for").inner_text()
    assert Decimal(shown.split("$")[1].rstrip(".")) == row.sums["charge"]
    expect_sound(page)
    page.get_by_role("button", name="See the call").click()
    expect(page).to_have_url(f"{stack.url}/ui/?page=call&id={call}")


def test_the_key_is_not_shown_unless_somebody_asks(page: Page) -> None:
    opened(page, "?page=start", "Start")
    lines = page.get_by_role("region", name="curl lines")
    expect(lines).to_contain_text("Bearer sk-…")
    expect(lines).not_to_contain_text("sk-1234")
    page.get_by_text("Show my key in the lines").click()
    expect(lines).to_contain_text("sk-1234")
    for tab in ("OpenAI SDK", "Anthropic SDK", "Claude Code"):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("region", name=f"{tab} lines")).to_contain_text("sk-1234")


def test_a_key_that_calls_no_models_is_told_to_get_one(page: Page, stack: LocalStack) -> None:
    with a_key(stack, scopes=["usage:read"]) as key:
        opened(page, "?page=start", "Start", key["key"])
        expect(page.get_by_text("Your key reads usage and calls no models.")).to_be_visible()
        expect(page.get_by_role("region", name="curl lines")).to_contain_text("YOUR_KEY")
        assert key["key"] not in page.content()
