"""What opening a view of the usage page costs: script, requests, time to its largest paint and its numbers.

A Chromium on this machine opens each view of the running local stack as a new visitor would, with nothing
cached in the browser, and the usage function warm, as it is for everybody but the first visitor of a while. A
new number is there when a card shows it after another model was picked. PAGE_URL names the stack (default
http://127.0.0.1:4000); `make seed` fills it. MiniStack sorts a whole partition for each query and answers
one at a time, which lists of customers and logs wait for.
"""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import httpx2
from playwright.sync_api import Browser, Page

from bench import markdown
from bench.markdown import Goal
from bench.processes import KEY
from bench.tabs import Opened, browser, opened, tab

_URL: Final = os.environ.get("PAGE_URL", "http://127.0.0.1:4000")
_TODAY: Final = datetime.now(UTC).date()
_MONTH: Final = f"start_date={_TODAY - timedelta(days=29)}&end_date={_TODAY}"
_LOADS: Final = 4  # of each view; the first one warms the function
_CHANGES: Final = 6  # of the filter
_KB: Final = 1000
_SCRIPT, _PAINT, _CHANGE, _AT_ONCE, _IN_SEQUENCE = 400, 1500, 300, 6, 2  # at most
_HEAD: Final = (
    "view",
    "script, kB gzip",
    "requests",
    "at once",
    "in sequence",
    "largest paint, ms",
    "all numbers, ms",
    "asks",
)
_UNTIL_CHANGED: Final = """async (before) => {
  const began = await new Promise((resolve) =>
    document.addEventListener("pointerup", () => resolve(performance.now()), { capture: true, once: true }));
  const shown = () => document.querySelector('.panel[aria-busy="false"] .cards')?.innerText;
  while ((shown() ?? before) === before) await new Promise(requestAnimationFrame);
  return Math.round(performance.now() - began);
}"""
_BEGIN: Final = f"(before) => {{ window.changed = ({_UNTIL_CHANGED})(before); }}"


class Measured(NamedTuple):
    """A view, and what opening it came to, each time."""

    name: str
    loads: list[Opened]

    def of(self, name: str) -> int:
        """The median of a figure over the loads after the first."""
        return round(median(int(getattr(load, name)) for load in self.loads[1:]))


def main() -> int:
    """Print the tables; 1 without a stack to measure."""
    try:
        answered = _asked(
            "/customer/leaderboard?limit=1&start_date=2020-01-01&end_date=2021-01-01"
        ).is_success
    except httpx2.TransportError:
        answered = False
    if not answered:
        print(f"No Tollgate answers at {_URL}: `make run` and `make seed` first, or name one in PAGE_URL.")
        return 1
    with browser() as running:
        measured = [Measured(name, [_load(running, path) for _ in range(_LOADS)]) for name, path in _views()]
        changes = _changes(running)
    print(f"Customers in the last 30 days: {_customers()}.\n")
    print(markdown.goals(_goals(measured, changes)))
    print(markdown.table(_HEAD, (_row(one) for one in measured)))
    return 0


def _views() -> Iterator[tuple[str, str]]:
    """Every view, and the address that opens it."""
    top = _asked(f"/customer/leaderboard?limit=2&{_MONTH}").json()["results"]
    ids = [str(one["end_user_id"]) for one in top]
    call = _asked(f"/spend/logs/v2?page_size=1&{_MONTH}").json()["data"][0]["request_id"]
    yield "Usage, overview", "?page=usage&tab=overview"
    yield "Usage, customers", "?page=usage&tab=customers"
    yield "Compare", f"?page=compare&customers={quote(','.join(ids))}"
    yield "Customers", "?page=customers"
    yield "Customer", f"?page=customer&id={quote(ids[0])}"
    yield "Logs", "?page=logs"
    yield "Call", f"?page=call&id={call}"
    yield "Budgets", "?page=budgets"
    yield "Keys", "?page=keys"


def _load(running: Browser, path: str) -> Opened:
    with tab(running, _URL) as page:
        return opened(page, path)


def _changes(running: Browser) -> list[int]:
    """How long new numbers took after each change of the model filter, ms."""
    with tab(running, _URL) as page:
        opened(page, "?page=usage&tab=overview")
        return [_change(page, number) for number in range(1, _CHANGES + 1)]


def _change(page: Page, number: int) -> int:
    page.get_by_label("Model", exact=True).first.click()
    option = page.get_by_role("option").nth(number)
    option.wait_for()
    page.evaluate(_BEGIN, page.locator(".cards").inner_text())
    option.click()
    return int(page.evaluate("() => window.changed"))


def _goals(measured: list[Measured], changes: list[int]) -> Iterator[Goal]:
    loads = [load for one in measured for load in one.loads]
    yield _goal(
        "script of a first load, kB gzip", _SCRIPT, max(one.of("script_bytes") for one in measured) // _KB
    )
    yield _goal("largest paint, ms, of any view", _PAINT, max(one.of("paint") for one in measured))
    yield _goal(
        "new numbers after a filter's change, ms", _CHANGE, round(median(changes)), f" (of {changes})"
    )
    yield _goal("requests at once", _AT_ONCE, max(load.at_once() for load in loads))
    yield _goal("requests in sequence", _IN_SEQUENCE, max(one.loads[-1].in_sequence() for one in measured))


def _goal(what: str, most: int, measured: int, more: str = "") -> Goal:
    return Goal(f"{what}: at most {most:,}", f"{measured:,}{more}", measured <= most)


def _row(one: Measured) -> list[object]:
    last = one.loads[-1]
    asks = ", ".join(f"`{path}`" for path in sorted({request.path for request in last.requests}))
    figures = [len(last.requests), last.at_once(), last.in_sequence(), one.of("paint"), one.of("settled")]
    return [one.name, f"{one.of('script_bytes') / _KB:.0f}", *figures, asks]


def _customers() -> str:
    found = _asked(f"/customer/leaderboard?limit=1&{_MONTH}").json()
    return f"{found['metadata']['unique_customers']:,}"


def _asked(path: str) -> Any:
    return httpx2.get(f"{_URL}{path}", headers={"Authorization": f"Bearer {KEY}"}, timeout=60)


if __name__ == "__main__":
    sys.exit(main())
