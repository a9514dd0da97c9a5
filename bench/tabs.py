"""A tab of the machine's Chromium, and what opening a view of the page in it comes to."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request, sync_playwright

from bench.processes import KEY
from local.browser import chromium

_PATIENCE: Final = 60_000  # ms
_SIGNING_IN: Final = "/key/self"
_WATCH_PAINTS: Final = """
window.paints = [];
new PerformanceObserver((list) => window.paints.push(...list.getEntries().map((one) => one.startTime)))
  .observe({ type: "largest-contentful-paint", buffered: true });
"""
_SIGN_IN: Final = f"sessionStorage.setItem('tollgate.key', '{KEY}');"
_SCRIPTS: Final = """() => performance.getEntriesByType("resource")
  .filter((one) => new URL(one.name).pathname.endsWith(".js"))
  .reduce((sum, one) => sum + one.encodedBodySize, 0)"""
_LAST_ANSWER: Final = """() => Math.round(Math.max(0, ...performance.getEntriesByType("resource")
  .filter((one) => one.initiatorType === "fetch").map((one) => one.responseEnd)))"""
_SETTLED: Final = """() => document.querySelector("h1") && !document.querySelector('[aria-busy="true"]')"""


@dataclass(slots=True)
class Span:
    """A request to the API: its path, and from when to when it was under way, in seconds."""

    path: str
    began: float
    ended: float = float("inf")


@dataclass(slots=True)
class Opened:
    """What opening a view came to; times in ms, from navigation on."""

    requests: list[Span] = field(default_factory=list)
    script_bytes: int = 0
    paint: int = 0
    settled: int = 0

    def at_once(self) -> int:
        """The most requests that were under way together."""
        return max(
            (sum(o.began <= r.began < o.ended for o in self.requests) for r in self.requests), default=0
        )

    def in_sequence(self) -> int:
        """The longest chain of requests of which each began when the one before it had ended."""
        depth: dict[int, int] = {}
        for request in sorted(self.requests, key=lambda one: one.began):
            before = (
                depth[id(one)] for one in self.requests if one.ended <= request.began and id(one) in depth
            )
            depth[id(request)] = 1 + max(before, default=0)
        return max(depth.values(), default=0)


@contextmanager
def browser() -> Iterator[Browser]:
    """The browser, headless."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []  # root has none, as in a container
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        yield running
        running.close()


@contextmanager
def tab(running: Browser, url: str) -> Iterator[Page]:
    """A tab that has nothing cached and is signed in."""
    context = running.new_context(base_url=url, viewport={"width": 1440, "height": 900}, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(_PATIENCE)
    page.add_init_script(_WATCH_PAINTS)
    page.add_init_script(_SIGN_IN)
    yield page
    context.close()


def opened(page: Page, view: str) -> Opened:
    """Open a view, and wait until nothing of it is loading any more."""
    found, spans = Opened(), dict[Request, Span]()

    def begin(request: Request) -> None:
        path = urlsplit(request.url).path
        if not path.startswith("/ui") and path != _SIGNING_IN:
            spans[request] = Span(path, perf_counter())

    def end(request: Request) -> None:
        if request in spans:
            spans[request].ended = perf_counter()

    handlers: Mapping[str, Any] = {"request": begin, "requestfinished": end, "requestfailed": end}
    for event, handler in handlers.items():
        page.on(event, handler)  # type: ignore[call-overload]  # the same handler type for the three events
    page.goto(f"/ui/{view}")
    page.wait_for_load_state("networkidle")
    page.wait_for_function(_SETTLED)
    for event, handler in handlers.items():
        page.remove_listener(event, handler)
    found.requests = list(spans.values())
    found.script_bytes = page.evaluate(_SCRIPTS)
    found.settled = page.evaluate(_LAST_ANSWER)
    found.paint = round(page.evaluate("() => window.paints.at(-1) ?? 0"))
    return found
