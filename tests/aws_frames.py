"""AWS's event stream as Bedrock sends it, written independently of the decoder under test."""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from zlib import crc32


def message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One message with headers that are text."""
    block = b"".join(_header(name.encode(), value.encode()) for name, value in headers.items())
    prelude = (12 + len(block) + len(payload) + 4).to_bytes(4, "big") + len(block).to_bytes(4, "big")
    body = prelude + crc32(prelude).to_bytes(4, "big") + block + payload
    return body + crc32(body).to_bytes(4, "big")


def chunk(event: Mapping[str, Any]) -> bytes:
    """An event of Anthropic's, as InvokeModelWithResponseStream wraps it."""
    payload = {"bytes": b64encode(json.dumps(event).encode()).decode(), "p": "abcdefgh"}
    named = {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}
    return message(named, json.dumps(payload).encode())


def exception(kind: str, text: str) -> bytes:
    """An exception in the middle of a stream."""
    named = {":exception-type": kind, ":content-type": "application/json", ":message-type": "exception"}
    return message(named, json.dumps({"message": text}).encode())


def _header(name: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + b"\x07" + len(value).to_bytes(2, "big") + value
