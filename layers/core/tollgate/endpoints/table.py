"""Every endpoint that is served; a new one is one entry here."""

from typing import Final

from tollgate.endpoints.endpoint import Asked, Body, Endpoint
from tollgate.records import Usage
from tollgate.usage import anthropic, estimate, openai, shapes
from tollgate.usage.chat_stream import ChatMeter
from tollgate.usage.media_stream import MediaMeter
from tollgate.usage.messages_stream import MessagesMeter
from tollgate.usage.reading import Reading
from tollgate.usage.responses_stream import ResponsesMeter


def _chat_meter(asked: Asked) -> ChatMeter:
    return ChatMeter(asked=asked.for_usage, cost_of=asked.cost_of)


def _characters(body: Body) -> Usage:
    spoken = body.get("input")
    return Usage(characters=len(spoken) if isinstance(spoken, str) else 0)


def _free(_: Body) -> Reading:
    return Reading(Usage())


CHAT: Final = Endpoint(
    "/chat/completions",
    openai.chat,
    estimate.messages,
    needs=("messages",),
    meter=_chat_meter,
    asks_for_usage=True,
)
COMPLETIONS: Final = Endpoint(
    "/completions",
    openai.chat,
    estimate.texts("prompt"),
    needs=("prompt",),
    meter=_chat_meter,
    asks_for_usage=True,
)
EMBEDDINGS: Final = Endpoint(
    "/embeddings",
    openai.embeddings,
    estimate.texts("input"),
    needs=("input",),
    shape=shapes.prompt,
)
RESPONSES: Final = Endpoint(
    "/responses", openai.responses, estimate.messages, meter=lambda _: ResponsesMeter()
)
MESSAGES: Final = Endpoint(
    "/messages",
    anthropic.messages,
    estimate.messages,
    dialect="anthropic",
    needs=("messages",),
    meter=lambda _: MessagesMeter(),
)
COUNT_TOKENS: Final = Endpoint(
    "/messages/count_tokens",
    anthropic.counted,
    estimate.messages,
    dialect="anthropic",
    needs=("messages",),
    free=True,
)
IMAGE_GENERATIONS: Final = Endpoint(
    "/images/generations",
    openai.images,
    estimate.texts("prompt"),
    needs=("prompt",),
    meter=lambda _: MediaMeter(openai.images),
    output_tokens=estimate.pictures,
    shape=shapes.pictures,
)
IMAGE_EDITS: Final = Endpoint(
    "/images/edits",
    openai.images,
    estimate.drawing,
    needs=("prompt",),
    meter=lambda _: MediaMeter(openai.images),
    output_tokens=estimate.pictures,
    shape=shapes.pictures,
    form=True,
)
SPEECH: Final = Endpoint(
    "/audio/speech",
    openai.speech,
    estimate.texts("input", "instructions"),
    needs=("input",),
    meter=lambda _: MediaMeter(openai.speech),
    shape=shapes.speech,
    settled=_characters,
    bare=True,
)
TRANSCRIPTIONS: Final = Endpoint(
    "/audio/transcriptions",
    openai.transcription,
    estimate.listening,
    needs=("file",),
    meter=lambda _: MediaMeter(openai.transcription),
    shape=shapes.transcript,
    form=True,
    bare=True,
)
TRANSLATIONS: Final = Endpoint(
    "/audio/translations",
    openai.transcription,
    estimate.listening,
    needs=("file",),
    shape=shapes.transcript,
    form=True,
    bare=True,
)
MODERATIONS: Final = Endpoint(
    "/moderations",
    _free,
    estimate.texts("input"),
    needs=("input",),
    free=True,
    default_model="omni-moderation-latest",
)
RERANK: Final = Endpoint(
    "/rerank",
    openai.rerank,
    estimate.texts("query", "documents"),
    needs=("query", "documents"),
    shape=shapes.search,
)

# What a conversation can be had by: the same models often speak several of these.
CONVERSING: Final = (CHAT, RESPONSES, MESSAGES, COMPLETIONS)

ENDPOINTS: Final = (
    *(CHAT, COMPLETIONS, EMBEDDINGS, RESPONSES, MESSAGES, COUNT_TOKENS, IMAGE_GENERATIONS, IMAGE_EDITS),
    *(SPEECH, TRANSCRIPTIONS, TRANSLATIONS, MODERATIONS, RERANK),
)


def endpoint_at(path: str) -> Endpoint | None:
    """The endpoint of a path, as the ledger names it; None for one that is served no longer."""
    return next((endpoint for endpoint in ENDPOINTS if endpoint.path == path), None)
