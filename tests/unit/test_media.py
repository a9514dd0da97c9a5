"""Pictures, speech and transcripts: forms sent on, sounds passed through, and what each is booked as."""

import asyncio
import json
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from tests.builders import answers, sse, streams
from tests.calling import booked, call, catalogue, only, read, streaming
from tests.fakes import Chunks, FakeProvider, Respond
from tests.stack import Stack
from tollgate.endpoints.table import (
    IMAGE_EDITS,
    IMAGE_GENERATIONS,
    MODERATIONS,
    RERANK,
    SPEECH,
    TRANSCRIPTIONS,
    TRANSLATIONS,
)
from tollgate.errors import HungUp, InvalidBody, TollgateError
from tollgate.forms import with_field
from tollgate.models import Models
from tollgate.money import ZERO
from tollgate.records import Usage
from tollgate.relay import drained

BOUNDARY = "----tollgate7MA4YWxk"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
SOUND = bytes(range(256)) * 625  # 160,000 bytes: ten seconds at 128 kbit/s


def form(sound: bytes = SOUND, **fields: str) -> bytes:
    """A form as the OpenAI SDK sends it: texts, and one file."""
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}' for name, value in fields.items()
    ]
    head = 'Content-Disposition: form-data; name="file"; filename="a.mp3"\r\nContent-Type: audio/mpeg\r\n\r\n'
    pieces = [part.encode() for part in parts] + [head.encode() + sound]
    opened = b"".join(b"--" + BOUNDARY.encode() + b"\r\n" + piece + b"\r\n" for piece in pieces)
    return opened + b"--" + BOUNDARY.encode() + b"--\r\n"


def models(**model: Any) -> Models:
    openai = {"base_url": "https://openai.test/v1"}
    return catalogue({"openai": openai}, {"name": "voice", "provider": "openai", **model})


def sounds(*pieces: Any, kind: str = "audio/mpeg") -> Respond:
    return lambda _: httpx2.Response(200, headers={"content-type": kind}, stream=Chunks(pieces))


# ---------------------------------------------------------------- forms


async def test_a_form_reaches_the_provider_as_it_came(stack: Stack) -> None:
    raw = form(model="whisper-1", user="acme", response_format="json")
    provider = FakeProvider(answers({"text": "hi", "usage": {"type": "duration", "seconds": 9}}))
    await call(stack.gateway(provider), TRANSCRIPTIONS, raw, content_type=FORM)
    (request,) = provider.requests
    assert (request.content, request.headers["content-type"]) == (raw, FORM)
    assert request.url.path == "/v1/audio/transcriptions"
    event = only(stack)
    assert (event.entry.customer_id, event.usage, event.estimated) == ("acme", Usage(audio_seconds=9), "")
    assert event.cost == Decimal("0.36") * 9 / 3600


async def test_an_alias_in_a_form_is_replaced_and_nothing_else(stack: Stack) -> None:
    tricky = b'\r\nContent-Disposition: form-data; name="model"\r\n\r\nvoice\r\n--' + b"x" * 50
    provider = FakeProvider(answers({"text": "", "usage": {"type": "duration", "seconds": 1}}))
    gateway = stack.gateway(provider, models=models(model="whisper-1"))
    await call(gateway, TRANSLATIONS, form(tricky, model="voice", prompt="voice"), content_type=FORM)
    assert provider.requests[0].content == form(tricky, model="whisper-1", prompt="voice")


async def test_a_file_called_model_is_no_name_of_a_model(stack: Stack) -> None:
    raw = form(b"voice", model="voice").replace(b'name="model"', b'name="m"').replace(b'"file"', b'"model"')
    with pytest.raises(TollgateError):
        await call(stack.gateway(models=models(model="whisper-1")), TRANSLATIONS, raw, content_type=FORM)
    assert with_field(raw, FORM, "model", "whisper-1") == raw


@pytest.mark.parametrize(
    ("raw", "kind", "complaint"),
    [
        (b"{}", "application/json", "must be multipart/form-data"),
        (b"{}", "multipart/form-data", "must be multipart/form-data"),
        (form(model="whisper-1")[:-10], FORM, "not a whole"),
        (b"", FORM, "not a whole"),
        (form(model="whisper-1").replace(b'"file"', b'"sound"'), FORM, "`file` is missing"),
    ],
)
async def test_a_body_that_is_no_whole_form_is_refused(
    stack: Stack, raw: bytes, kind: str, complaint: str
) -> None:
    with pytest.raises(InvalidBody, match=complaint):
        await call(stack.gateway(), TRANSCRIPTIONS, raw, content_type=kind)
    assert booked(stack) == []


async def test_an_edited_picture_is_booked_by_its_tokens(stack: Stack) -> None:
    usage = {
        "input_tokens": 50,
        "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
        "output_tokens": 1056,
        "total_tokens": 1106,
    }
    provider = FakeProvider(answers({"data": [{"b64_json": "AAAA"}], "usage": usage}))
    raw = form(model="gpt-image-1", prompt="a hat").replace(b'"file"', b'"image"')
    await call(stack.gateway(provider), IMAGE_EDITS, raw, content_type=FORM)
    assert only(stack).usage == Usage(input=10, image_in=40, image_out=1056)


# ---------------------------------------------------------------- speech


async def test_a_sound_is_passed_on_while_it_comes_and_booked_by_its_characters(stack: Stack) -> None:
    more = asyncio.Event()
    provider = FakeProvider(sounds(b"ID3first", more, b"last"))
    body = {"model": "tts-1", "input": "Grüße, Welt!", "voice": "alloy"}
    answer = await call(stack.gateway(provider), SPEECH, body)
    assert answer.headers["content-type"] == "audio/mpeg"
    chunks = streaming(answer)
    assert await anext(chunks) == b"ID3first"  # the provider has not sent the rest
    more.set()
    assert [chunk async for chunk in chunks] == [b"last"]
    event = only(stack)
    assert (event.usage, event.cost) == (Usage(characters=12), Decimal(15) * 12 / 1_000_000)
    assert (event.ending, event.estimated, event.unpriced) == ("finished", "", False)


async def test_a_sound_that_is_charged_by_tokens_and_reports_none_is_estimated(stack: Stack) -> None:
    body = {"model": "gpt-4o-mini-tts", "input": "x" * 600, "voice": "alloy"}
    await read(await call(stack.gateway(FakeProvider(sounds(b"ID3"))), SPEECH, body))
    event = only(stack)
    assert event.usage == Usage(input=150, audio_out=800)  # 600 characters are 40 seconds of 20 tokens
    assert event.estimated.startswith("no usage reported; ")
    assert event.cost == (150 * Decimal("0.6") + 800 * Decimal(12)) / 1_000_000


async def test_a_sound_sent_as_events_is_booked_by_what_they_report(stack: Stack) -> None:
    done = {
        "type": "speech.audio.done",
        "usage": {"input_tokens": 14, "output_tokens": 101, "total_tokens": 115},
    }
    provider = FakeProvider(streams(sse({"type": "speech.audio.delta", "audio": "AAAA"}, done)))
    body = {"model": "gpt-4o-mini-tts", "input": "hello", "voice": "alloy", "stream_format": "sse"}
    await read(await call(stack.gateway(provider), SPEECH, body))
    assert (only(stack).usage, only(stack).estimated) == (Usage(input=14, audio_out=101), "")


async def test_a_sound_that_breaks_off_breaks_the_clients_connection_too(stack: Stack) -> None:
    provider = FakeProvider(sounds(b"ID3first", httpx2.ReadError("gone")))
    answer = await call(stack.gateway(provider), SPEECH, {"model": "tts-1", "input": "hello"})
    chunks = streaming(answer)
    assert await anext(chunks) == b"ID3first"
    with pytest.raises(HungUp):
        await anext(chunks)
    event = only(stack)
    assert (event.ending, event.status, event.usage) == ("upstream_cut", "failure", Usage(characters=5))


async def test_a_listener_who_leaves_is_charged_for_the_whole_speech(stack: Stack) -> None:
    more = asyncio.Event()
    provider = FakeProvider(sounds(b"ID3first", more, b"last"))
    chunks = streaming(await call(stack.gateway(provider), SPEECH, {"model": "tts-1", "input": "hello"}))
    await anext(chunks)
    await chunks.aclose()  # type: ignore[attr-defined]  # it is the relay
    more.set()
    await drained()
    assert (only(stack).ending, only(stack).usage) == ("client_gone", Usage(characters=5))


async def test_a_speech_that_is_refused_comes_as_the_provider_said_it(stack: Stack) -> None:
    provider = FakeProvider(answers({"error": {"message": "no such voice"}}, 400))
    answer = await call(stack.gateway(provider), SPEECH, {"model": "tts-1", "input": "hello"})
    assert (answer.status, only(stack).usage, only(stack).cost) == (400, Usage(), ZERO)


async def test_a_speech_nobody_answered_is_estimated_in_characters(stack: Stack) -> None:
    provider = FakeProvider(httpx2.ReadTimeout("late"))
    with pytest.raises(Exception, match="did not answer"):
        await call(stack.gateway(provider), SPEECH, {"model": "tts-1", "input": "hello"})
    event = only(stack)
    assert (event.usage, event.unpriced) == (Usage(characters=8), False)  # two tokens of four
    assert event.estimated.startswith("timed out")


# ---------------------------------------------------------------- transcripts


@pytest.mark.parametrize("kind", ["text/plain; charset=utf-8", "text/vtt", "application/x-subrip"])
async def test_subtitles_report_nothing_and_are_booked_by_the_length_of_the_sound(
    stack: Stack, kind: str
) -> None:
    provider = FakeProvider(sounds(b"1\n00:00 --> 00:09\nHello.\n", kind=kind))
    raw = form(model="whisper-1", response_format="srt")
    content = await read(await call(stack.gateway(provider), TRANSCRIPTIONS, raw, content_type=FORM))
    assert content.endswith(b"Hello.\n")
    event = only(stack)
    assert (event.usage, event.ending) == (Usage(audio_seconds=10), "finished")
    assert event.estimated.startswith("no usage reported")


async def test_a_wav_tells_its_length(stack: Stack) -> None:
    header = b"RIFF" + bytes(24) + (32_000).to_bytes(4, "little")  # bytes a second, where WAV has them
    raw = form(header + bytes(64_000), model="whisper-1")
    await read(
        await call(
            stack.gateway(FakeProvider(sounds(b"hi", kind="text/plain"))),
            TRANSCRIPTIONS,
            raw,
            content_type=FORM,
        )
    )
    assert only(stack).usage == Usage(audio_seconds=3)  # a little over two, in whole seconds upwards


async def test_a_transcript_charged_by_tokens_is_estimated_in_them(stack: Stack) -> None:
    provider = FakeProvider(sounds(b"x" * 40, kind="text/plain"))
    raw = form(model="gpt-4o-transcribe", response_format="text")
    await read(await call(stack.gateway(provider), TRANSCRIPTIONS, raw, content_type=FORM))
    assert only(stack).usage == Usage(audio_in=100, output=10)


async def test_a_streamed_transcript_is_booked_by_its_last_event(stack: Stack) -> None:
    usage = {
        "type": "tokens",
        "input_tokens": 100,
        "input_token_details": {"text_tokens": 0, "audio_tokens": 100},
        "output_tokens": 7,
        "total_tokens": 107,
    }
    events = [
        {"type": "transcript.text.delta", "delta": "hi"},
        {"type": "transcript.text.done", "text": "hi", "usage": usage},
    ]
    raw = form(model="gpt-4o-transcribe", stream="true")
    await read(
        await call(stack.gateway(FakeProvider(streams(sse(*events)))), TRANSCRIPTIONS, raw, content_type=FORM)
    )
    event = only(stack)
    assert (event.usage, event.entry.stream) == (Usage(audio_in=100, output=7), True)


async def test_a_transcript_in_json_that_reports_nothing_is_booked_by_its_own_duration(stack: Stack) -> None:
    provider = FakeProvider(answers({"text": "hi", "duration": 8.47}))
    await call(stack.gateway(provider), TRANSLATIONS, form(model="whisper-1"), content_type=FORM)
    assert only(stack).usage == Usage(audio_seconds=8)


# ---------------------------------------------------------------- pictures, searches, moderations


async def test_pictures_without_a_report_are_booked_by_the_piece(stack: Stack) -> None:
    drawn = models(prices={"images": Decimal("0.04")})
    provider = FakeProvider(answers({"data": [{"url": "https://x.test/1"}, {"url": "https://x.test/2"}]}))
    body = {"model": "voice", "prompt": "a hat", "n": 2}
    await call(stack.gateway(provider, models=drawn), IMAGE_GENERATIONS, body)
    assert (only(stack).usage, only(stack).cost) == (Usage(images=2), Decimal("0.08"))


@pytest.mark.parametrize(
    ("model", "usage"),
    [
        ({"prices": {"images": Decimal("0.04")}}, Usage(images=3)),
        ({"model": "gpt-image-1"}, Usage(input=2, image_out=3168)),
    ],
)
async def test_pictures_nobody_saw_are_estimated_by_how_many_were_asked_for(
    stack: Stack, model: dict[str, Any], usage: Usage
) -> None:
    provider = FakeProvider(httpx2.ReadTimeout("late"))
    body = {"model": "voice", "prompt": "a hat..", "n": 3}
    with pytest.raises(Exception, match="did not answer"):
        await call(stack.gateway(provider, models=models(**model)), IMAGE_GENERATIONS, body)
    assert (only(stack).usage, only(stack).unpriced) == (usage, False)


async def test_a_picture_that_breaks_off_is_not_booked_by_the_bytes_of_its_file(stack: Stack) -> None:
    def broken(_: httpx2.Request) -> httpx2.Response:
        pieces = Chunks([b'{"data":[{"b64_json":"' + b"A" * 100_000, httpx2.ReadError("gone")])
        return httpx2.Response(200, headers={"content-type": "application/json"}, stream=pieces)

    with pytest.raises(HungUp):
        await call(
            stack.gateway(FakeProvider(broken)),
            IMAGE_GENERATIONS,
            {"model": "gpt-image-1", "prompt": "a hat"},
        )
    assert only(stack).usage == Usage(input=2, image_out=1056)


async def test_a_search_that_reports_nothing_is_one_search(stack: Stack) -> None:
    cohere = {"base_url": "https://cohere.test/v2", "endpoints": ["/rerank"]}
    entry = {"name": "r", "provider": "cohere", "prices": {"rerank_searches": Decimal("0.002")}}
    ranked = catalogue({"cohere": cohere}, entry)
    body = {"model": "r", "query": "q", "documents": ["a", "b"]}
    billed = {"results": [], "meta": {"billed_units": {"search_units": 2}}}
    gateway = stack.gateway(FakeProvider(answers(billed), answers({"results": []})), models=ranked)
    await call(gateway, RERANK, body)
    await call(gateway, RERANK, body)
    first, second = booked(stack)
    assert (first.usage, first.cost, first.estimated) == (Usage(rerank_searches=2), Decimal("0.004"), "")
    assert (second.usage, second.cost) == (Usage(rerank_searches=1), Decimal("0.002"))
    assert second.estimated.startswith("no usage reported")


async def test_moderations_are_free_whatever_becomes_of_them(stack: Stack) -> None:
    provider = FakeProvider(
        answers({"results": [{"flagged": False}]}), answers(b"<html>"), httpx2.ReadTimeout("late")
    )
    gateway = stack.gateway(provider)
    for _ in range(2):
        await call(gateway, MODERATIONS, {"input": "hello"})
    with pytest.raises(Exception, match="did not answer"):
        await call(gateway, MODERATIONS, {"input": "hello"})
    assert json.loads(provider.requests[0].content) == {"input": "hello"}
    assert [e.ending for e in booked(stack)] == ["finished", "nonsense", "upstream_unreachable"]
    assert all(e.usage == Usage() and e.cost == 0 and not e.unpriced for e in booked(stack))
    assert booked(stack)[0].entry.model == "omni-moderation-latest"
