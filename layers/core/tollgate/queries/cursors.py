"""Cursors: where the next page of a list begins, opaque to who passes them back."""

import base64
import binascii
from hashlib import sha256
from typing import Any, Final, TypeVar

import msgspec

from tollgate.queries.question import InvalidQuery

C = TypeVar("C")
_CHECK: Final = 8  # bytes


def written(cursor: Any, of: str) -> str:
    """A cursor of a list as clients pass it back."""
    payload = msgspec.json.encode(cursor)
    return base64.urlsafe_b64encode(_check(payload, of) + payload).decode()


def read(text: str, kind: type[C], of: str) -> C:
    """A cursor that `written` made for the same list. Raises InvalidQuery for any other text."""
    try:
        raw = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
        cursor = msgspec.json.decode(raw[_CHECK:], type=kind)
    except (binascii.Error, msgspec.DecodeError, UnicodeError):
        cursor = None
    if cursor is None or written(cursor, of) != text:
        raise InvalidQuery("cursor is not one that this route gave: pass the last answer's as it came")
    return cursor


def _check(payload: bytes, of: str) -> bytes:
    """Tells a cursor that was changed from one that was not; it guards no secret."""
    return sha256(of.encode() + payload).digest()[:_CHECK]
