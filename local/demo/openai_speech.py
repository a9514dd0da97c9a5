"""POST /v1/audio/speech."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import shake_256
from typing import Any

import msgspec

from local.demo.bodies import JsonBody
from local.demo.endpoint import Call, Event, Generation, Json, Whole
from local.demo.openai_api import OpenAIEndpoint, check_model, refuse, required
from local.demo.usage import Counts, fingerprint, text_tokens

KINDS = {
    "mp3": b"audio/mpeg",
    "opus": b"audio/opus",
    "aac": b"audio/aac",
    "flac": b"audio/flac",
    "wav": b"audio/wav",
    "pcm": b"audio/pcm",
}
LONGEST = 4096  # characters
SOUND = 64  # bytes a character


class Speech(JsonBody, OpenAIEndpoint):
    """Speech, in bytes or, with `stream_format` sse, in events; sold by the character or by tokens."""

    path = "/audio/speech"
    cannot = frozenset({"usage_in_last_choice", "failed"})
    reports = frozenset({"input", "audio_out", "characters"})

    def streamed(self, body: Json) -> bool:
        """Whether the answer is to come in events."""
        return body.get("stream_format") == "sse"

    def check(self, body: Json) -> None:
        """Raise `RefusalError` for what OpenAI would refuse."""
        check_model(body)
        spoken = required(body, "input")
        if not isinstance(spoken, str) or len(spoken) > LONGEST:
            refuse("input", f"it must be a string of at most {LONGEST} characters")
        required(body, "voice")
        if body.get("response_format", "mp3") not in KINDS:
            refuse("response_format", f"it must be one of {', '.join(KINDS)}")
        if self.streamed(body) and _by_the_character(body["model"]):
            refuse("stream_format", f"{body['model']} does not stream events")

    def generate(self, body: Json) -> Generation:
        """Speak: a token and a half of sound for each character."""
        seed = fingerprint(body["model"], body["input"])
        if _by_the_character(body["model"]):
            return Generation({"characters": len(body["input"])}, seed)
        sent = text_tokens(body["input"]) + text_tokens(body.get("instructions") or "")
        return Generation({"input": sent, "audio_out": len(body["input"]) * 3 // 2 + 1}, seed)

    def report(self, usage: Counts) -> Json:
        """Write the usage object."""
        sent, made = usage.get("input", 0), usage.get("audio_out", 0)
        return {"input_tokens": sent, "output_tokens": made, "total_tokens": sent + made}

    def answer(self, call: Call) -> Whole:
        """Answer with the sound alone: the characters are the request's own, tokens it does not tell."""
        kind = KINDS[call.body.get("response_format", "mp3")]
        return Whole(_sound(call), kind, _by_the_character(call.model))

    def events(self, call: Call) -> Iterator[Event]:
        """Answer with the sound in four pieces, and the usage."""
        sound = _sound(call)
        quarter = len(sound) // 4 + 1
        for start in range(0, len(sound), quarter):
            yield _event("speech.audio.delta", audio=b64encode(sound[start : start + quarter]).decode())
        usage = {} if call.fault == "no_usage" else {"usage": self.report(call.usage)}
        last = _event("speech.audio.done", **usage)._replace(completes_usage=bool(usage))
        yield from [last] * (2 if call.fault == "duplicate_usage" else 1)


def _by_the_character(model: str) -> bool:
    return model.startswith("tts-")


def _sound(call: Call) -> bytes:
    return shake_256(call.body["input"].encode()).digest(SOUND * (len(call.body["input"]) + 1))


def _event(name: str, **fields: Any) -> Event:
    return Event(b"data: %b\n\n" % msgspec.json.encode({"type": name, **fields}))
