"""A seeded local stack and a browser for the whole run; a tab for each test, which fails it on complaints."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from local.browser import chromium
from tests.local_stack import LocalStack, run
from tests.page.browsing import Watch

expect.set_options(timeout=20_000)  # the machine may have other things to do
SEED = {"CUSTOMERS": "60", "DAYS": "40", "EVENTS": "3000", "LEDGER": "1"}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The local stack with forty days of spend; leave it as you found it."""
    with LocalStack.running(tmp_path_factory.mktemp("page")) as running:
        done = run("local.seed", PORT=str(running.port), TOLLGATE_HOME=str(running.home), **SEED)
        assert done.returncode == 0, done.stderr
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium, headless."""
    without_sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # root has none, as in a container
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=without_sandbox)
        yield running
        running.close()


@pytest.fixture
def tab(browser: Browser, stack: LocalStack) -> Iterator[tuple[Page, Watch]]:
    """A tab so high that nothing waits to be scrolled to, and what went wrong in it: nothing."""
    context = browser.new_context(
        base_url=stack.url, viewport={"width": 1440, "height": 2400}, locale="en-US", timezone_id="UTC"
    )
    page = context.new_page()
    watch = Watch(page, stack.url)
    yield page, watch
    complaints = watch.complaints()
    context.close()
    assert complaints == []


@pytest.fixture
def page(tab: tuple[Page, Watch]) -> Page:
    """The tab."""
    return tab[0]


@pytest.fixture
def watch(tab: tuple[Page, Watch]) -> Watch:
    """What went wrong in it; `watch.expect(pattern)` lets pass what a test brings about."""
    return tab[1]
