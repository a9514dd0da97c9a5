"""The demo provider's pictures and sounds: forms, bytes, texts, and what they are sold by."""

import json
from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.demo_client import Json, demo_client, events, last_row

PICTURE = ("mill.png", b"\x89PNG\r\n\x1a\n--not the boundary--\r\n\r\n", "image/png")
SOUND = ("mill.mp3", bytes(20_000), "audio/mpeg")  # two seconds, the second of them begun
DRAW = {"model": "gpt-image-1", "prompt": "a grey mill"}
SAY = {"model": "gpt-4o-mini-tts", "voice": "alloy", "input": "Hello, miller."}


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with demo_client() as client:
        yield client


async def edit(client: httpx2.AsyncClient, *pictures: Any, **fields: str) -> httpx2.Response:
    named = [("image[]" if len(pictures) > 1 else "image", picture) for picture in pictures]
    return await client.post("/images/edits", data={**DRAW, **fields}, files=named or {"other": PICTURE})


async def transcribe(client: httpx2.AsyncClient, **fields: str) -> httpx2.Response:
    return await client.post("/audio/transcriptions", data=fields, files={"file": SOUND})


@pytest.mark.parametrize(
    ("fields", "tokens"),
    [
        ({}, 1056),
        ({"n": 3, "quality": "low"}, 3 * 272),
        ({"size": "1536x1024", "quality": "high"}, 6208),
    ],
)
async def test_pictures_cost_tokens_by_size_and_quality(
    client: httpx2.AsyncClient, fields: Json, tokens: int
) -> None:
    made = (await client.post("/images/generations", json={**DRAW, **fields})).json()
    assert len(made["data"]) == fields.get("n", 1)
    assert b64decode(made["data"][0]["b64_json"]).startswith(b"\x89PNG")
    assert made["usage"]["output_tokens"] == tokens
    assert (await last_row(client))["usage"] == {"input": 3, "image_out": tokens}


async def test_older_models_sell_pictures_by_number(client: httpx2.AsyncClient) -> None:
    made = (await client.post("/images/generations", json={**DRAW, "model": "dall-e-2", "n": 2})).json()
    assert ("usage" in made, [list(each) for each in made["data"]]) == (False, [["url"], ["url"]])
    row = await last_row(client)
    assert (row["usage"], row["reported"]) == ({"images": 2}, True)


async def test_a_picture_sent_is_charged_for(client: httpx2.AsyncClient) -> None:
    one, two = [(await edit(client, *[PICTURE] * count)).json()["usage"] for count in (1, 2)]
    assert one["input_tokens_details"] == {"text_tokens": 3, "image_tokens": 194}
    assert two["input_tokens_details"]["image_tokens"] == 2 * 194
    assert (await edit(client)).json()["error"]["param"] == "image"


async def test_a_streamed_picture(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/images/generations", json={**DRAW, "stream": True, "partial_images": 2})
    assert [each["type"].partition(".")[2] for each in events(answer)] == ["partial_image"] * 2 + [
        "completed"
    ]
    row = await last_row(client)
    assert (row["stream"], row["reported"]) == (True, True)
    edited = events(await edit(client, PICTURE, stream="true", demo='{"fault": "no_usage"}'))
    assert ([each["type"] for each in edited], "usage" in edited[0]) == (["image_edit.completed"], False)
    assert (await last_row(client))["ending"] == "no_usage"


async def test_speech_is_bytes(client: httpx2.AsyncClient) -> None:
    spoken = await client.post("/audio/speech", json={**SAY, "model": "tts-1", "response_format": "wav"})
    assert (spoken.headers["content-type"], len(spoken.content)) == ("audio/wav", 64 * 15)
    row = await last_row(client)
    assert (row["usage"], row["reported"]) == ({"characters": 14}, True)
    tokens = await client.post("/audio/speech", json=SAY)
    assert tokens.headers["content-type"] == "audio/mpeg"
    row = await last_row(client)
    assert (row["usage"], row["reported"]) == ({"input": 4, "audio_out": 22}, False)


async def test_streamed_speech_tells_its_tokens(client: httpx2.AsyncClient) -> None:
    seen = events(await client.post("/audio/speech", json={**SAY, "stream_format": "sse"}))
    sound = b"".join(b64decode(each["audio"]) for each in seen[:-1])
    assert sound == (await client.post("/audio/speech", json=SAY)).content
    assert seen[-1] == {
        "type": "speech.audio.done",
        "usage": {"input_tokens": 4, "output_tokens": 22, "total_tokens": 26},
    }
    refused = await client.post("/audio/speech", json={**SAY, "model": "tts-1", "stream_format": "sse"})
    assert refused.json()["error"]["param"] == "stream_format"


async def test_a_transcript_by_the_second(client: httpx2.AsyncClient) -> None:
    heard = (await transcribe(client, model="whisper-1", response_format="verbose_json")).json()
    assert heard["usage"] == {"type": "duration", "seconds": 2}
    assert (heard["duration"], len(heard["text"].split())) == (2.0, 4)
    assert (await last_row(client))["usage"] == {"audio_seconds": 2}


async def test_a_transcript_by_tokens(client: httpx2.AsyncClient) -> None:
    heard = (await transcribe(client, model="gpt-4o-transcribe", prompt="mills and carts")).json()
    assert heard["usage"] == {
        "type": "tokens",
        "input_tokens": 24,
        "input_token_details": {"text_tokens": 4, "audio_tokens": 20},
        "output_tokens": 4,
        "total_tokens": 28,
    }
    assert (await last_row(client))["usage"] == {"input": 4, "audio_in": 20, "output": 4}


@pytest.mark.parametrize(
    ("kind", "begins"),
    [
        ("text", ""),
        ("srt", "1\n00:00:00,000 --> 00:00:02,000\n"),
        ("vtt", "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n"),
    ],
)
async def test_a_transcript_as_a_text_says_nothing_of_its_usage(
    client: httpx2.AsyncClient, kind: str, begins: str
) -> None:
    heard = await transcribe(client, model="whisper-1", response_format=kind)
    assert heard.headers["content-type"] == "text/plain; charset=utf-8"
    assert heard.text.startswith(begins)
    row = await last_row(client)
    assert (row["usage"], row["reported"]) == ({"audio_seconds": 2}, False)


async def test_a_streamed_transcript(client: httpx2.AsyncClient) -> None:
    seen = events(await transcribe(client, model="gpt-4o-transcribe", stream="true"))
    assert seen[-1]["type"] == "transcript.text.done"
    assert seen[-1]["text"] == "".join(each["delta"] for each in seen[:-1])
    assert (await last_row(client))["reported"]
    unstreamed = await transcribe(client, model="whisper-1", stream="true")
    assert unstreamed.headers["content-type"] == "application/json"


async def test_a_translation(client: httpx2.AsyncClient) -> None:
    told = await client.post("/audio/translations", data={"model": "whisper-1"}, files={"file": SOUND})
    assert told.json()["usage"] == {"type": "duration", "seconds": 2}
    assert (await last_row(client))["endpoint"] == "/audio/translations"


@pytest.mark.parametrize("fault", ["error_with_usage", "no_usage", "nonsense", "error_429"])
async def test_faults_happen_here_too(client: httpx2.AsyncClient, fault: str) -> None:
    demo = json.dumps({"fault": fault})
    answer = await transcribe(client, model="gpt-4o-transcribe", demo=demo)
    row = await last_row(client)
    assert (row["ending"], row["reported"]) == (fault, fault == "error_with_usage")
    assert ("input_tokens" in answer.text) == row["reported"]


async def test_an_error_has_no_pictures(client: httpx2.AsyncClient) -> None:
    demo = {"fault": "error_with_usage"}
    await client.post("/images/generations", json={**DRAW, "model": "dall-e-3", "demo": demo})
    assert (await last_row(client))["usage"] == {}


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("/images/generations", {**DRAW, "n": 11}, "n"),
        ("/images/generations", {**DRAW, "prompt": ""}, "prompt"),
        ("/images/generations", {**DRAW, "model": "dall-e-3", "stream": True}, "stream"),
        ("/audio/speech", {**SAY, "input": "x" * 4097}, "input"),
        ("/audio/speech", {**SAY, "response_format": "midi"}, "response_format"),
    ],
)
async def test_it_blames_the_parameter(client: httpx2.AsyncClient, path: str, body: Json, param: str) -> None:
    refused = await client.post(path, json=body)
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)


async def test_what_is_no_form_is_refused(client: httpx2.AsyncClient) -> None:
    whole = client.build_request(
        "POST", "/audio/translations", data={"model": "whisper-1"}, files={"file": SOUND}
    )
    kind = {"content-type": whole.headers["content-type"]}
    whole.read()
    for content, headers in (
        (whole.content[:-10], kind),
        (b"{}", {"content-type": "application/json"}),
        (b"", {}),
    ):
        refused = await client.post("/audio/translations", content=content, headers=headers)
        assert refused.status_code == 400
        assert "form" in refused.json()["error"]["message"]
