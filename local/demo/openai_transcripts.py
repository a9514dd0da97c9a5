"""POST /v1/audio/transcriptions and POST /v1/audio/translations."""

from collections.abc import Iterator
from typing import Any

import msgspec

from local.demo import words
from local.demo.bodies import FormBody, NotStreamed
from local.demo.endpoint import Call, Event, Generation, Json, Whole
from local.demo.openai_api import OpenAIEndpoint, check_model, refuse, required
from local.demo.openai_subtitles import subtitles
from local.demo.usage import Counts, fingerprint, text_tokens

BYTES_A_SECOND = 16_000  # 128 kbit/s
TOKENS_A_SECOND = 10
OBJECTS = ("json", "verbose_json")
FORMATS = (*OBJECTS, "text", "srt", "vtt")


class _Transcripts(OpenAIEndpoint):
    """What both share. Whisper is sold by the second, its successors by tokens."""

    cannot = frozenset({"usage_in_last_choice", "failed"})
    reports = frozenset({"input", "audio_in", "output", "audio_seconds"})

    def check(self, body: Json) -> None:
        """Raise `RefusalError` for what OpenAI would refuse."""
        check_model(body)
        if not isinstance(required(body, "file"), bytes):
            refuse("file", "it must be a file")
        formats = FORMATS if _by_the_second(body["model"]) else ("json", "text")
        if body.get("response_format", "json") not in formats:
            refuse("response_format", f"it must be one of {', '.join(formats)}")

    def generate(self, body: Json) -> Generation:
        """Hear two words a second; how long it is, its size says."""
        seconds = -(-len(body["file"]) // BYTES_A_SECOND)
        seed = fingerprint(body["model"], len(body["file"]))
        if _by_the_second(body["model"]):
            return Generation({"audio_seconds": seconds}, seed)
        heard = {"input": text_tokens(body.get("prompt") or ""), "audio_in": TOKENS_A_SECOND * seconds}
        return Generation({**heard, "output": 2 * seconds}, seed)

    def report(self, usage: Counts) -> Json:
        """Write the usage object."""
        if "audio_seconds" in usage:
            return {"type": "duration", "seconds": usage["audio_seconds"]}
        text, sound = usage.get("input", 0), usage.get("audio_in", 0)
        made = usage.get("output", 0)
        return {
            "type": "tokens",
            "input_tokens": text + sound,
            "input_token_details": {"text_tokens": text, "audio_tokens": sound},
            "output_tokens": made,
            "total_tokens": text + sound + made,
        }

    def answer(self, call: Call) -> Json | Whole:
        """Answer in one object, or in one text, which says nothing of its usage."""
        wanted = call.body.get("response_format", "json")
        text = "".join(_heard(call))
        if wanted not in OBJECTS:
            return Whole(subtitles(text, _seconds(call), wanted), b"text/plain; charset=utf-8")
        told = {
            "task": "transcribe",
            "language": "english",
            "duration": float(_seconds(call)),
            "segments": [],
        }
        body: Json = {**(told if wanted == "verbose_json" else {}), "text": text}
        return {**body, "usage": self.report(call.usage)}


class Transcriptions(FormBody, _Transcripts):
    """Transcripts, streamed and not."""

    path = "/audio/transcriptions"

    def streamed(self, body: Json) -> bool:
        """Whether the answer is to come in events, which Whisper's never does."""
        return super().streamed(body) and not _by_the_second(str(body.get("model")))

    def events(self, call: Call) -> Iterator[Event]:
        """Answer with the text in pieces, and the usage."""
        heard = _heard(call)
        for piece in heard:
            yield _event("transcript.text.delta", delta=piece)
        usage = {} if call.fault == "no_usage" else {"usage": self.report(call.usage)}
        last = _event("transcript.text.done", text="".join(heard), **usage)
        last = last._replace(completes_usage=bool(usage))
        yield from [last] * (2 if call.fault == "duplicate_usage" else 1)


class Translations(NotStreamed, FormBody, _Transcripts):
    """Transcripts in English of whatever was said."""

    path = "/audio/translations"


def _by_the_second(model: str) -> bool:
    return model.startswith("whisper")


def _seconds(call: Call) -> int:
    return -(-len(call.body["file"]) // BYTES_A_SECOND)


def _heard(call: Call) -> list[str]:
    return call.pieces or words.tokens(len(call.body["file"]), 2 * _seconds(call))


def _event(name: str, **fields: Any) -> Event:
    return Event(b"data: %b\n\n" % msgspec.json.encode({"type": name, **fields}))
