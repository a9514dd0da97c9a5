"""multipart/form-data as far as a gateway needs it: read its text fields, replace one, leave files alone (RFC 7578)."""

import re
from email.message import Message

from tollgate.errors import InvalidBody

_NAME = re.compile(rb'name="([^"]*)"')
_HEADER_END = b"\r\n\r\n"


def fields(raw: bytes, content_type: str) -> dict[str, str]:
    """The text fields of a form by name; files are left out. Raises InvalidBody for anything that is no form."""
    found = {}
    for head, value in _parts(raw, _delimiter(content_type)):
        name = _NAME.search(head)
        if name and b"filename=" not in head:
            found[name[1].decode(errors="replace")] = value.decode(errors="replace")
    return found


def with_field(raw: bytes, content_type: str, name: str, value: str) -> bytes:
    """The same form with the value of one text field replaced."""
    delimiter = _delimiter(content_type)
    for head, old in _parts(raw, delimiter):
        found = _NAME.search(head)
        if found and found[1] == name.encode() and b"filename=" not in head:
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
