"""What the usage page is made of: the files of ui/dist, their types and how long they are good."""

import mimetypes
from typing import Final

from local.settings import ROOT

PAGE: Final = ROOT / "ui" / "dist"
INDEX: Final = "index.html"
HASHED: Final = "assets/"  # Vite names these after their content

_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_ASK_EACH_TIME: Final = "no-cache"

mimetypes.add_type("font/woff2", ".woff2")  # not every machine's list has it, nor has Python's
mimetypes.add_type("text/javascript", ".js")


def cache_control(path: str) -> str:
    """How long a file may be kept, by its path below ui/dist."""
    return _FOR_GOOD if path.startswith(HASHED) else _ASK_EACH_TIME


def content_type(path: str) -> str:
    """The media type of a file by its name."""
    found, _ = mimetypes.guess_type(path)
    kind = found or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def is_built() -> bool:
    """Whether there is a page to serve."""
    return (PAGE / INDEX).is_file()
