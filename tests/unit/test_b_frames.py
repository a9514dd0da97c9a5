"""AWS's event stream: what botocore reads in it, we read, however it arrives; what is broken is noticed."""

from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from tests.aws_frames import message
from tollgate.upstream.frames import BrokenFrame, Frame, Frames

NAME = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
MESSAGE = st.tuples(st.dictionaries(NAME, st.text(max_size=40), max_size=4), st.binary(max_size=300))

# One header of each type there is, between two that are text.
EVERY_TYPE = (
    b"\x01a\x00\x01b\x01\x01c\x02\x7f\x01d\x03\x00\x01\x01e\x04\x00\x00\x00\x01\x01f\x05"
    + bytes(8)
    + b"\x01g\x06"
    b"\x00\x03xyz" + b"\x01h\x08" + bytes(8) + b"\x01i\x09" + bytes(16) + b"\x01j\x07\x00\x02hi"
)


def read(data: bytes, size: int) -> list[Frame]:
    frames = Frames()
    return [frame for at in range(0, len(data), size) for frame in frames.feed(data[at : at + size])]


@given(messages=st.lists(MESSAGE, max_size=5), size=st.integers(1, 400))
def test_what_botocore_reads_is_read_however_it_arrives(
    messages: list[tuple[dict[str, str], bytes]], size: int
) -> None:
    data = b"".join(message(headers, payload) for headers, payload in messages)
    theirs = EventStreamBuffer()
    theirs.add_data(data)
    expected: list[Any] = [(found.headers, found.payload) for found in theirs]
    assert expected == messages
    assert [(frame.headers, frame.payload) for frame in read(data, size)] == expected


def test_headers_of_other_types_are_skipped() -> None:
    head = message({"k": "v"}, b"")[12:-4] + EVERY_TYPE
    framed = _framed(head, b"payload")
    theirs = EventStreamBuffer()
    theirs.add_data(framed)
    found: list[Any] = list(theirs)
    assert [len(frame.headers) for frame in found] == [11]
    assert read(framed, 7) == [Frame({"k": "v", "j": "hi"}, b"payload")]


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_single_wrong_bit_is_noticed(at: int, bit: int) -> None:
    good = message({":message-type": "event"}, b'{"bytes":"e30="}')
    data = bytearray(good)
    data[at % len(data)] ^= 1 << bit
    with pytest.raises(BrokenFrame):
        read(bytes(data) + good, 64)


@pytest.mark.parametrize("head", [b"\x05ab", b"\x01a\x07\x00\x09x", b"\x01a\x0bx", b"\x01a"])
def test_a_header_that_is_none_is_noticed(head: bytes) -> None:
    with pytest.raises(BrokenFrame):
        read(_framed(head, b""), 64)


@pytest.mark.parametrize(("total", "headers"), [(15, 0), (2**31, 0), (40, 30), (0, 0)])
def test_lengths_that_cannot_be_are_noticed_at_once(total: int, headers: int) -> None:
    prelude = total.to_bytes(4, "big") + headers.to_bytes(4, "big")
    with pytest.raises(BrokenFrame):
        read(prelude + _crc(prelude), 64)


def test_half_a_message_is_waited_for() -> None:
    frames, whole = Frames(), message({}, b"x")
    assert list(frames.feed(whole[:-1])) == []
    assert list(frames.feed(whole[-1:])) == [Frame({}, b"x")]


def _framed(head: bytes, payload: bytes) -> bytes:
    prelude = (16 + len(head) + len(payload)).to_bytes(4, "big") + len(head).to_bytes(4, "big")
    body = prelude + _crc(prelude) + head + payload
    return body + _crc(body)


def _crc(data: bytes) -> bytes:
    from zlib import crc32  # noqa: PLC0415 - beside its only use

    return crc32(data).to_bytes(4, "big")
