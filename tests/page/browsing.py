"""A tab as the tests use it: signed in, watched for what no user should meet, and checked by axe."""

import re
from typing import Any, Final

from playwright.sync_api import ConsoleMessage, Error, Page, Request

from local.settings import DEMO_KEY, ROOT

AXE: Final = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
_OWN: Final = ("data:", "blob:")
_TELL_VIOLATIONS: Final = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} forbids ${event.blockedURI} ${event.sample}`));
"""
_SIGN_IN: Final = """
if (!sessionStorage.getItem("signed in by a test")) {{
  sessionStorage.setItem("signed in by a test", "once, so that signing out is possible");
  sessionStorage.setItem("tollgate.key", "{key}");
}}
"""


class Watch:
    """Notes what goes wrong in a tab: errors, on the console and off it, and requests to other hosts."""

    def __init__(self, page: Page, origin: str) -> None:
        self._origin = origin
        self._found: list[str] = []
        self._expected: list[str] = []
        page.add_init_script(_TELL_VIOLATIONS)
        page.on("console", self._console)
        page.on("pageerror", self._error)
        page.on("request", self._request)

    def expect(self, pattern: str) -> None:
        """Let pass what matches a pattern, in a test that brings it about (`status of 401`)."""
        self._expected.append(pattern)

    def complaints(self) -> list[str]:
        """What went wrong and was not expected."""
        return [one for one in self._found if not any(re.search(each, one) for each in self._expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._found.append(f"console: {message.text} ({message.location['url']})")

    def _error(self, error: Error) -> None:
        self._found.append(f"uncaught: {error.message}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self._origin}/", *_OWN)):
            self._found.append(f"asked another host: {request.url}")


def signed_in(page: Page, path: str = "", key: str = DEMO_KEY) -> Page:
    """The page opened by the holder of a key; `path` is what comes after /ui/, such as `?page=logs`."""
    page.add_init_script(_SIGN_IN.format(key=key))
    page.goto(f"/ui/{path}")
    return page


def axe_finds(page: Page, **options: Any) -> list[str]:
    """What axe-core finds wrong on the page as it stands: the rule, and where."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("(options) => axe.run(document, options)", options)
    return [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]
