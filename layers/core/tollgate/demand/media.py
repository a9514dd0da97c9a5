"""How many tokens pictures, sounds and files have at most, by the rules their providers publish."""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Final

from tollgate.forms import File

# The most of one picture: Claude's 4,784 visual tokens, https://platform.claude.com/docs/en/build-with-claude/vision
# (OpenAI's are up to 3,779 by patches and 1,445 by tiles, Gemini's 258 a tile).
PICTURE: Final = 4_784
# gpt-4o-mini's tiles: 2,833 + 8 x 5,667, https://platform.openai.com/docs/guides/images-vision#calculating-costs
_MINI_PICTURE: Final = 48_169
_MINI_LOW_PICTURE: Final = 2_833
# detail "original" has a budget of 10,000 patches, at 1.2 tokens each (the same page)
_ORIGINAL_PICTURE: Final = 12_000
# A page is up to 3,000 tokens of text and 1,600 of its picture,
# https://platform.claude.com/docs/en/build-with-claude/pdf-support#estimate-your-costs; 100 at most, too.
_PAGE: Final = 4_600
_MOST_PAGES: Final = 100
_PAGE_BYTES: Final = 20_000  # of a PDF of text, fonts and all; scans are larger, so that they count for more
_UNSEEN_PAGES: Final = 20  # of a file that is named, not sent
_BYTES_PER_TOKEN: Final = 3  # of a file that is not a PDF
# OpenAI: 10 tokens a second heard, https://platform.openai.com/docs/guides/realtime-costs; Gemini: 32,
# https://ai.google.dev/gemini-api/docs/tokens#multimodal-tokens
HEARD: Final = 10
_GEMINI_HEARD: Final = 32
_COMPRESSED: Final = 4_000  # bytes a second: 32 kbit/s, the least that speech is usually recorded in
_UNSEEN_SECONDS: Final = 600
_BASE64: Final = (3, 4)


def picture(detail: object, model: str) -> int:
    """The tokens of a picture, in the detail that was asked for."""
    if model.startswith("gpt-4o-mini"):
        return _MINI_LOW_PICTURE if detail == "low" else _MINI_PICTURE
    return _ORIGINAL_PICTURE if detail == "original" else PICTURE


def sound(part: Mapping[str, Any], model: str) -> int:
    """The tokens of a sound, by its size; of one that is named and not sent, those of ten minutes."""
    data = _payload(part)
    size = _size(data)
    seconds = _seconds(size, _head(data)) if size else _UNSEEN_SECONDS
    return seconds * (_GEMINI_HEARD if "gemini" in model else HEARD)


def file(part: Mapping[str, Any]) -> int:
    """The tokens of a file, by its size."""
    data = _payload(part)
    size = _size(data)
    if not size:
        return _UNSEEN_PAGES * _PAGE
    if "pdf" in data[:64].lower() or data.startswith("JVBERi"):  # a data URL's type, or %PDF- in base64
        return min(-(-size // _PAGE_BYTES), _MOST_PAGES) * _PAGE
    return max(_PAGE, size // _BYTES_PER_TOKEN)


def heard_in(body: Mapping[str, Any]) -> int:
    """The seconds of the sound in a form, at most."""
    found = body.get("file")
    return _seconds(found.size, found.head) if isinstance(found, File) else 0


def _seconds(size: int, head: bytes) -> int:
    """A WAV tells its bytes a second; anything else is taken for speech recorded as sparingly as is usual."""
    told = int.from_bytes(head[28:32], "little") if head.startswith(b"RIFF") else 0
    return -(-size // (told or _COMPRESSED))


def _head(data: str) -> bytes:
    """How a sound in base64 begins, if it is a WAV."""
    start = data.find("UklGR", 0, 64)  # RIFF
    return b64decode(data[start : start + 64]) if start >= 0 else b""


def _payload(part: Mapping[str, Any], depth: int = 2) -> str:
    """The longest string of a part, which is what it carries."""
    longest = ""
    for item in part.values():
        if isinstance(item, Mapping) and depth:
            item = _payload(item, depth - 1)  # noqa: PLW2901 - the same item, read
        if isinstance(item, str) and len(item) > len(longest):
            longest = item
    return longest


def _size(data: str) -> int:
    """The bytes that a string in base64 stands for; 0 for a URL or a file's id."""
    if data.startswith(("http:", "https:")) or len(data) < 2 * 64:
        return 0
    times, per = _BASE64
    return len(data) * times // per
