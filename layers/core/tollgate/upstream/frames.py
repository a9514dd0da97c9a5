"""AWS's binary event stream, application/vnd.amazon.eventstream, cut into messages as its bytes come.

A message is its length, the length of its headers, a CRC of those two; the headers; the payload; a CRC of it
all; numbers are big-endian. https://smithy.io/2.0/aws/amazon-eventstream.html
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple
from zlib import crc32

_PRELUDE: Final = Struct(">III")
_NUMBER: Final = Struct(">I")
_LENGTH: Final = Struct(">H")
_CRC_BYTES: Final = _NUMBER.size
_LARGEST: Final = 24 * 1024 * 1024  # a payload of 16 MiB, as botocore has it, and its base64
_TEXT: Final = 7
_SIZED: Final = (6, _TEXT)  # bytes and text, which tell their length
_SIZES: Final = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}  # of the other types, all skipped


class BrokenFrame(ValueError):
    """Bytes that are no message: a wrong checksum, or lengths that cannot be."""


class Frame(NamedTuple):
    """One message: its headers that are text, and its payload."""

    headers: dict[str, str]
    payload: bytes


class Frames:
    """Holds what has come of the next message."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The messages that are whole now. Raises BrokenFrame."""
        self._rest += data
        while len(self._rest) >= _PRELUDE.size:
            total, headers, crc = _PRELUDE.unpack_from(self._rest)
            _check(crc == crc32(self._rest[: _PRELUDE.size - _CRC_BYTES]), "the prelude's checksum is wrong")
            _check(_PRELUDE.size + headers + _CRC_BYTES <= total <= _LARGEST, "its lengths cannot be")
            if len(self._rest) < total:
                return
            message = bytes(self._rest[:total])
            del self._rest[:total]
            yield _frame(message, _PRELUDE.size + headers)


def _frame(message: bytes, payload_at: int) -> Frame:
    (crc,) = _NUMBER.unpack_from(message, len(message) - _CRC_BYTES)
    _check(crc == crc32(message[:-_CRC_BYTES]), "the message's checksum is wrong")
    return Frame(dict(_headers(message[_PRELUDE.size : payload_at])), message[payload_at:-_CRC_BYTES])


def _headers(block: bytes) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(block):
        name, at = _take(block, at + 1, block[at])
        kind, at = _take(block, at, 1)
        size = _SIZES.get(kind[0])
        if size is None:
            _check(kind[0] in _SIZED, "a header's type is unknown")
            length, at = _take(block, at, _LENGTH.size)
            (size,) = _LENGTH.unpack(length)
        value, at = _take(block, at, size)
        if kind[0] == _TEXT:
            yield name.decode(errors="replace"), value.decode(errors="replace")


def _take(block: bytes, at: int, size: int) -> tuple[bytes, int]:
    _check(at + size <= len(block), "a header is cut short")
    return block[at : at + size], at + size


def _check(good: bool, complaint: str) -> None:
    if not good:
        raise BrokenFrame(complaint)
