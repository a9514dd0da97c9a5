"""A stream passes byte for byte; only our own question is taken out, and its usage is read."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import chunk, decoded, sse, streamed, usage_report
from tollgate.money import dumps
from tollgate.records import Usage
from tollgate.usage.chat_stream import ChatMeter
from tollgate.usage.sse import EventStream

USAGE = usage_report(1200, 34, prompt_tokens_details={"cached_tokens": 1000})
READ = Usage(input=200, cache_read=1000, output=34)
ASKED = streamed("Hel", 'lo, "wor\\ld"', "✓ 😀", usage=USAGE)


def through(pieces: Iterable[bytes], **options: Any) -> tuple[bytes, ChatMeter]:
    meter = ChatMeter(**{"asked": False, **options})
    stream = EventStream(meter)
    passed = [out for piece in pieces for out in stream.feed(piece)]
    return b"".join(passed) + stream.flush(), meter


def read(meter: ChatMeter) -> tuple[Usage, str] | None:
    return meter.reading and (meter.reading.usage, meter.reading.fault)


def usage_read(body: bytes, **options: Any) -> Usage:
    _, meter = through([body], **options)
    assert meter.reading is not None
    return meter.reading.usage


def test_a_client_that_asked_for_usage_gets_every_byte() -> None:
    passed, meter = through([ASKED], asked=True)
    assert passed == ASKED
    assert (read(meter), meter.done) == ((READ, ""), True)


def test_a_client_that_did_not_ask_sees_no_trace_of_our_question() -> None:
    passed, meter = through([ASKED])
    assert passed == sse(*(chunk(text) for text in ("Hel", 'lo, "wor\\ld"', "✓ 😀")), b"[DONE]")
    assert (read(meter), meter.done) == ((READ, ""), True)


CRLF = ASKED.replace(b"\n", b"\r\n")
COMMENTED = b": keep-alive\n\n" + ASKED.replace(b"data: ", b"event: message\nid: 1\ndata:", 1)


@given(st.sampled_from([ASKED, CRLF, COMMENTED, ASKED[:-9], ASKED[:-2]]), st.booleans(), st.data())
def test_a_stream_cut_anywhere_into_pieces_gives_the_same_bytes_and_the_same_reading(
    body: bytes, asked: bool, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(body)))))
    pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    whole, at_once = through([body], asked=asked)
    split, in_pieces = through(pieces, asked=asked)
    assert split == whole
    assert (in_pieces.reading, in_pieces.done) == (at_once.reading, at_once.done)
    assert in_pieces.content_bytes == at_once.content_bytes
    if asked:
        assert whole == body


def test_carriage_returns_are_kept_and_the_usage_chunk_goes_all_the_same() -> None:
    passed, meter = through([CRLF])
    assert passed == sse(*(chunk(text) for text in ("Hel", 'lo, "wor\\ld"', "✓ 😀")), b"[DONE]", end=b"\r\n")
    assert read(meter) == (READ, "")


def test_an_event_is_passed_on_as_soon_as_it_is_whole() -> None:
    stream = EventStream(ChatMeter(asked=True))
    event = sse(chunk("Hi."))
    assert list(stream.feed(event[:-1])) == []
    assert list(stream.feed(event[-1:] + b"data: ")) == [event]


@pytest.mark.parametrize(
    "spelled",
    [b',"usage":null}', b', "usage": null}', b', "usage" : null }'],
    ids=["tight", "python", "wide"],
)
def test_an_empty_usage_goes_however_it_is_spelled_and_stays_for_a_client_that_asked(spelled: bytes) -> None:
    event = b"data: " + dumps(chunk("Hi."))[:-1] + spelled + b"\n\n"
    assert decoded(through([event])[0]) == [chunk("Hi.")]
    assert through([event], asked=True)[0] == event


def test_an_empty_usage_goes_from_the_front_of_a_chunk_too() -> None:
    event = b'data: {"usage":null,' + dumps(chunk("Hi."))[1:] + b"\n\n"
    assert decoded(through([event])[0]) == [chunk("Hi.")]


def test_text_that_speaks_of_usage_is_passed_on_untouched() -> None:
    event = sse(chunk('say ,"usage":null and "usage":{"prompt_tokens":1}'))
    assert through([event])[0] == event


def test_a_usage_in_the_last_chunk_with_choices_is_read_and_the_chunk_kept() -> None:
    event = sse(chunk("Hi.", usage=USAGE))
    passed, meter = through([event])
    assert passed == event
    assert read(meter) == (READ, "")


def test_a_usage_inside_a_choice_does_not_hide_the_real_one() -> None:
    choice = {"index": 0, "delta": {"content": "Hi."}, "usage": None}
    assert usage_read(sse(chunk(None, choices=[choice], usage=USAGE))) == READ


def test_of_several_usage_chunks_the_last_counts_and_is_not_added_to_the_others() -> None:
    early = chunk(None, usage=usage_report(1200, 2))
    assert usage_read(sse(early) + ASKED) == READ
    passed, meter = through([sse(chunk(None, usage=USAGE), chunk(None, usage=USAGE))])
    assert (passed, read(meter)) == (b"", (READ, ""))


def test_a_stream_that_ends_without_a_blank_line_is_still_read_to_its_end() -> None:
    passed, meter = through([sse(chunk("Hi.")) + b"data: " + dumps(chunk(None, usage=USAGE))])
    assert passed == sse(chunk("Hi."))
    assert read(meter) == (READ, "")


@pytest.mark.parametrize("nonsense", [b'{"choices":[', b'{"usage":{"prompt_tokens":', b"hello", b""])
def test_a_malformed_chunk_is_passed_on_and_what_follows_is_metered(nonsense: bytes) -> None:
    passed, meter = through([sse(nonsense) + ASKED], asked=True)
    assert passed == sse(nonsense) + ASKED
    assert read(meter) == (READ, "")


@pytest.mark.parametrize("usage", [{}, [], "much", {"total_tokens": 3}, 7])
def test_a_usage_that_is_none_is_passed_on_and_not_read(usage: Any) -> None:
    event = sse(chunk("Hi.", usage=usage))
    passed, meter = through([event])
    assert (passed, read(meter)) == (event, None)


def test_the_cost_is_inserted_into_the_usage_with_every_digit_and_nothing_else_changes() -> None:
    cost = Decimal("0.000123456789012345678901234567")
    passed, _ = through([ASKED], asked=True, cost_of=lambda reading: cost * (reading.usage == READ))
    *texts, last, done = decoded(passed)
    assert sse(*texts) == sse(*decoded(ASKED)[:-2])
    assert last == chunk(None, usage={**USAGE, "cost": cost})
    assert done == b"[DONE]"
    assert b'"cost":0.000123456789012345678901234567}' in passed


def test_the_cost_keeps_the_providers_line_ends() -> None:
    passed, _ = through([CRLF], asked=True, cost_of=lambda _: Decimal(1))
    assert passed.count(b"\r\n\r\n") == CRLF.count(b"\r\n\r\n")


def texts_in(*chunks: dict[str, Any], separators: Sequence[str] = (",", ":")) -> int:
    body = sse(*chunks).replace(b'":"', f'"{separators[1]}"'.encode())
    return through([body])[1].content_bytes


def test_text_is_counted_for_the_case_that_the_stream_breaks_off() -> None:
    assert texts_in(chunk("Hello"), chunk(", world")) == 12
    assert texts_in(chunk("Hello"), chunk("!"), separators=(", ", ": ")) == 6


def test_text_after_an_escaped_quote_is_counted_too() -> None:
    assert texts_in(chunk('"Hello", he said.')) == len('\\"Hello\\", he said.')


def test_every_choice_and_every_kind_of_text_is_counted() -> None:
    choices = [{"index": 0, "delta": {"content": "four"}}, {"index": 1, "delta": {"content": "five5"}}]
    assert texts_in(chunk(None, choices=choices)) == 9
    call = {"index": 0, "function": {"name": "f", "arguments": "123456"}}
    assert texts_in(chunk(None, choices=[{"index": 0, "delta": {"tool_calls": [call]}}])) == 6
    kinds = {"reasoning_content": "think", "refusal": "no"}
    assert texts_in(chunk(None, choices=[{"index": 0, "delta": kinds}])) == 7


@pytest.mark.parametrize("colon", [b":", b": "])
def test_why_a_stream_stopped_is_noticed_however_it_is_spelled(colon: bytes) -> None:
    stopped = {"index": 0, "delta": {}, "finish_reason": "length"}
    running = sse(chunk('"finish_reason":"stop"')).replace(b":", colon)
    _, stream = through([running])
    assert not stream.stopped
    _, stream = through([running, sse(chunk(None, choices=[stopped])).replace(b":", colon)])
    assert stream.stopped


def test_a_stream_without_usage_has_no_reading() -> None:
    _, meter = through([sse(chunk("Hi."), b"[DONE]")])
    assert (meter.reading, meter.done) == (None, True)


def test_an_event_that_never_ends_is_passed_on_before_it_fills_the_memory() -> None:
    stream = EventStream(ChatMeter(asked=False))
    piece = b"data: " + b"x" * (9 * 1024 * 1024)
    assert b"".join([*stream.feed(piece), *stream.feed(piece)]) == piece * 2
