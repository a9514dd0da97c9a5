"""OpenAI's SDK: pictures and sounds."""

import io

import openai
import pytest

from tests.clients.books import assert_told, settled
from tests.clients.prices import published_cost
from tests.clients.stack import Stack

PICTURE = ("point.png", b"\x89PNG not really", "image/png")
SOUND = ("speech.mp3", b"\xff\xfb" + bytes(40_000), "audio/mpeg")  # under three seconds


def test_pictures(stack: Stack, client: openai.OpenAI) -> None:
    by_tokens = client.images.generate(model="gpt-image-1", prompt="a mill", n=2, quality="low")
    by_number = client.images.generate(model="dall-e-3", prompt="a mill")
    edited = client.images.edit(model="gpt-image-1", prompt="greyer", image=[PICTURE, PICTURE])
    assert [len(made.data or ()) for made in (by_tokens, by_number, edited)] == [2, 1, 1]
    rows = assert_told(stack, calls=3)
    assert [row.usage.get("image_out") for row in rows] == [544, None, 1056]
    assert rows[1].usage == {"images": 1}
    assert rows[2].usage["image_in"]


def test_pictures_of_unreported_tokens_are_estimated(stack: Stack, client: openai.OpenAI) -> None:
    demo = {"demo": {"fault": "no_usage"}}
    client.images.generate(model="gpt-image-1", prompt="a mill", n=2, extra_body=demo)
    (row,) = settled(stack).values()
    assert row.estimated
    assert not row.unpriced
    assert row.usage == {"input": 2, "image_out": 2 * 1056}
    assert row.cost == published_cost(row.model, row.usage)


def test_streamed_pictures(stack: Stack, client: openai.OpenAI) -> None:
    made = list(client.images.generate(model="gpt-image-1", prompt="a mill", stream=True, partial_images=2))
    assert [event.type for event in made] == [
        "image_generation.partial_image",
        "image_generation.partial_image",
        "image_generation.completed",
    ]
    edited = list(client.images.edit(model="gpt-image-1", prompt="greyer", image=PICTURE, stream=True))
    assert edited[-1].type == "image_edit.completed"
    assert_told(stack, calls=2)


def test_speech(stack: Stack, client: openai.OpenAI) -> None:
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input="Hello, miller."
    ) as spoken:
        assert spoken.headers["content-type"] == "audio/mpeg"
        assert len(b"".join(spoken.iter_bytes())) > 100
    (row,) = assert_told(stack, calls=1)
    assert row.usage == {"characters": 14}


def test_streamed_speech(stack: Stack, client: openai.OpenAI) -> None:
    with client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="alloy", input="Hello, miller.", stream_format="sse"
    ) as spoken:
        assert spoken.headers["content-type"].startswith("text/event-stream")
        assert "speech.audio.done" in "".join(spoken.iter_text())
    (row,) = assert_told(stack, calls=1)
    assert row.usage["audio_out"] > 0


@pytest.mark.parametrize("model", ["whisper-1", "gpt-4o-transcribe"])
def test_transcripts(stack: Stack, client: openai.OpenAI, model: str) -> None:
    heard = client.audio.transcriptions.create(model=model, file=SOUND)
    assert heard.text
    (row,) = assert_told(stack, calls=1)
    assert row.usage == {"audio_seconds": 3} if model == "whisper-1" else row.usage["audio_in"] == 30


def test_a_streamed_transcript(stack: Stack, client: openai.OpenAI) -> None:
    events = list(client.audio.transcriptions.create(model="gpt-4o-transcribe", file=SOUND, stream=True))
    assert events[-1].type == "transcript.text.done"
    assert_told(stack, calls=1)


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # the SDK's, for a file without a name
def test_a_translation(stack: Stack, client: openai.OpenAI) -> None:
    told = client.audio.translations.create(model="whisper-1", file=io.BytesIO(SOUND[1]))
    assert told.text
    (row,) = assert_told(stack, calls=1)
    assert row.usage == {"audio_seconds": 3}
