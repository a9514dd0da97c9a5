"""The Chromium that the page's tests drive: `python -m local.browser` says where it is, or how to get it."""

import shutil
import sys
from typing import Final

from pydantic_settings import BaseSettings, SettingsConfigDict

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_HELP: Final = """No Chromium on PATH, which the page's tests drive.
  Debian: sudo apt-get install chromium
  macOS:  brew install --cask chromium
  or set CHROMIUM to the program of a Chromium or Chrome that is installed."""


class _BrowserSettings(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    chromium: str = ""


def chromium() -> str:
    """The program. Raises LookupError, saying what to install, when there is none."""
    names = filter(None, (_BrowserSettings().chromium, *_NAMES))
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise LookupError(_HELP)
    return found


def main() -> None:
    """Print it, or give up with what to install."""
    try:
        print(chromium())
    except LookupError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
