"""How many tokens a text has at most, from its characters alone: no tokenizer, and 0.1 ms for 76 kB.

Every byte counts by its kind, in hundredths of a token. The weights were fitted to 1,400 pieces of prose in
42 languages, code, markup, data and noise, so that nearly no piece has more tokens than it is given, in the
hungriest tokenizer of its family (docs/decisions/0013-hold-estimate.md has the figures). English gets 1.7
times what it takes, code 1.4 times, random base64 what it takes.
"""

from collections.abc import Iterable
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Final, NamedTuple


class Weights(NamedTuple):
    """Hundredths of a token for one byte; beyond ASCII, for one character, by the script it is likely of."""

    lower: int
    space: int
    upper: int
    digit: int
    sign: int  # punctuation and controls
    continued: int  # the bytes after a character's first
    european: int  # two bytes: Latin with accents, Greek, Cyrillic, Hebrew, Arabic
    indic: int  # three bytes, from U+0800: South and South-East Asia, Georgian
    east_asian: int  # three bytes, from U+3000
    symbol: int  # three bytes: arrows, boxes, dingbats, full-width forms
    emoji: int  # four bytes


# https://platform.claude.com/docs/en/build-with-claude/token-counting: since Opus 4.7, the same text makes
# about 30 % more tokens than it did before.
CLAUDE: Final = Weights(56, 18, 132, 105, 74, 0, 110, 215, 150, 195, 300)
# OpenAI, Gemini (a token for each digit), DeepSeek, Llama.
OTHERS: Final = Weights(36, 18, 105, 128, 65, 0, 130, 215, 150, 195, 280)


def _rest(taken: Iterable[bytes]) -> bytes:
    return bytes(sorted(set(range(128)) - set(b"".join(taken))))


_ASCII: Final = (ascii_lowercase.encode(), b" \n\t\r", ascii_uppercase.encode(), digits.encode())
_KINDS: Final = (
    *(*_ASCII, _rest(_ASCII)),
    bytes(range(0x80, 0xC0)),
    bytes(range(0xC0, 0xE0)),
    b"\xe0\xe1",
    bytes(range(0xE3, 0xEF)),
    b"\xe2\xef",
    bytes(range(0xF0, 0x100)),
)


def tokens(texts: Iterable[str], weights: Weights) -> int:
    """The tokens that texts have at most, together."""
    left = "\n".join(texts).encode(errors="replace")
    hundredths = 0
    for kind, weight in zip(_KINDS, weights, strict=True):
        if not left:
            break
        others = left.translate(None, kind)
        hundredths += weight * (len(left) - len(others))
        left = others
    return -(-hundredths // 100)
