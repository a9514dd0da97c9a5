"""Bodies as they arrive: an object of JSON, or a form."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from local.demo.endpoint import Call, Event, Json, RefusalError


def parse(raw: bytes) -> Json:
    """Read the body's object, or raise `RefusalError`."""
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusalError(f"The request's body is not valid JSON: {error}") from error
    if not isinstance(body, dict):
        raise RefusalError("The request's body is not a JSON object")
    return body


class JsonBody:
    """An endpoint that takes JSON, and streams when `stream` is true."""

    def read(self, raw: bytes, content_type: str) -> Json:  # noqa: ARG002 - forms need it
        """Read a body, or raise `RefusalError`."""
        return parse(raw)

    def streamed(self, body: Json) -> bool:
        """Whether the answer is to come in events."""
        return body.get("stream") is True


class FormBody:
    """An endpoint that takes a form: fields are strings, files bytes, and `demo` is a field of JSON."""

    def read(self, raw: bytes, content_type: str) -> Json:
        """Read a body, or raise `RefusalError`. A field that comes twice is a list, as is one named `…[]`."""
        body: Json = {}
        for name, value in _fields(raw, content_type):
            before = body.get(name)
            body[name] = (
                value if before is None else [*(before if isinstance(before, list) else [before]), value]
            )
        if isinstance(body.get("demo"), str):
            body["demo"] = parse(body["demo"].encode())
        return body

    def streamed(self, body: Json) -> bool:
        """Whether the answer is to come in events."""
        return body.get("stream") == "true"


class NotStreamed:
    """An endpoint without streams."""

    def streamed(self, body: Json) -> bool:  # noqa: ARG002 - the endpoints' common shape
        """Never."""
        return False

    def events(self, call: Call) -> Iterator[Event]:  # noqa: ARG002 - the endpoints' common shape
        """Yield none."""
        return iter(())


def _fields(raw: bytes, content_type: str) -> Iterator[tuple[str, Any]]:
    kind, boundary = _header(content_type.encode(), b"boundary")
    first, *parts = (b"\r\n" + raw).split(b"\r\n--" + boundary) if boundary else [raw]
    if kind != b"multipart/form-data" or first or not parts or not parts[-1].startswith(b"--"):
        raise RefusalError("The request's body is not a whole multipart/form-data form")
    for part in parts[:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        name = _header(head, b"name")[1].decode()
        if name:
            yield name.removesuffix("[]"), value if b"filename=" in head else value.decode()


def _header(line: bytes, parameter: bytes) -> tuple[bytes, bytes]:
    """Give what comes before the first semicolon, and a parameter's value."""
    found = re.search(rb'[;\s]%b="?([^";\r\n]+)' % parameter, line)
    return line.partition(b";")[0].strip().lower(), found[1] if found else b""
