"""multipart/form-data (RFC 7578) as far as a gateway needs: read fields, replace one, leave files alone."""

import re
from email.message import Message
from typing import Any, Final, NamedTuple

from tollgate.errors import InvalidBody

_NAME: Final = re.compile(rb'[;\s]name="([^"]*)"', re.IGNORECASE)
_FILE: Final = re.compile(rb"[;\s]filename\*?=", re.IGNORECASE)
_HEADER_END: Final = b"\r\n\r\n"
_HEAD: Final = 64  # bytes: enough for the header of a sound


class File(NamedTuple):
    """What is known of a file in a form: how large it is, and how it begins."""

    size: int
    head: bytes


def fields(raw: bytes, content_type: str) -> dict[str, Any]:
    """The fields of a form by name, its files as a File. Raises InvalidBody for what is no form."""
    found: dict[str, Any] = {}
    for head, value in _parts(raw, _delimiter(content_type)):
        if name := _NAME.search(head):
            is_file = _FILE.search(head) is not None
            known = File(len(value), value[:_HEAD]) if is_file else value.decode(errors="replace")
            found[name[1].decode(errors="replace")] = known
    return found


def with_field(raw: bytes, content_type: str, name: str, value: str) -> bytes:
    """The same form with the value of one text field replaced."""
    delimiter = _delimiter(content_type)
    for head, old in _parts(raw, delimiter):
        found = _NAME.search(head)
        if found and found[1] == name.encode() and not _FILE.search(head):
            before = head + _HEADER_END
            return raw.replace(
                before + old + b"\r\n" + delimiter, before + value.encode() + b"\r\n" + delimiter, 1
            )
    return raw


def _delimiter(content_type: str) -> bytes:
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise InvalidBody(
            "The body must be multipart/form-data, with its boundary in the content-type header."
        )
    return b"--" + boundary.encode()


def _parts(raw: bytes, delimiter: bytes) -> list[tuple[bytes, bytes]]:
    """Head and value of each part. Raises InvalidBody when the form does not end."""
    pieces = (b"\r\n" + raw).split(b"\r\n" + delimiter)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):  # noqa: PLR2004 - what is before the first, and the rest
        raise InvalidBody("The body is not a whole multipart/form-data form: its last boundary is missing.")
    split = [piece.removeprefix(b"\r\n").partition(_HEADER_END) for piece in pieces[1:-1]]
    return [(head, value) for head, _, value in split]
