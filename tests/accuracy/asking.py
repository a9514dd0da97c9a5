"""Requests that could have had a case's answer: as long a prompt, as high a limit, the same tier."""

from typing import Any, Final

from tests.accuracy import replay
from tests.accuracy.corpus import Case
from tollgate.demand.characters import CLAUDE, OTHERS
from tollgate.records import Usage

_SECOND: Final = 4_000 * 4 // 3  # characters of sound in base64, by which ten tokens are held
_PICTURE: Final = {"type": "image_url", "image_url": {"url": "https://example.com/otter.png"}}


def request_of(case: Case) -> dict[str, Any]:
    """The fields of a request that determine what the case's answer costs."""
    reading = replay.replay(case).reading
    asked = {"model": case.model, **(reading.served if reading else {}), **case.request}
    return asked if case.request else {**asked, **_FIELDS[case.endpoint](Usage.of(case.classes or {}), case)}


def _text(tokens: int, case: Case) -> str:
    """A text that is given so many tokens and no more, so that only the price decides."""
    weights = CLAUDE if "claude" in case.model or case.endpoint == "/messages" else OTHERS
    return "a" * -(-tokens * 100 // weights.lower)


def _conversation(used: Usage, case: Case) -> dict[str, Any]:
    read = used.prompt_tokens - used.image_in - used.audio_in
    content = [_part(_text(read, case), used), *_pictures(used), *_sounds(used)]
    messages = [{"role": "user", "content": content}]
    kinds = [kind for kind in ("audio", "image") if getattr(used, f"{kind}_out")]
    return {
        "messages": messages,
        **({"input": messages} if case.endpoint == "/responses" else {}),
        **({"prompt": _text(read, case)} if case.endpoint == "/completions" else {}),
        "max_tokens": max(1, used.completion_tokens),
        "modalities": ["text", *kinds],
        "tools": _tools(used),
    }


def _part(text: str, used: Usage) -> dict[str, Any]:
    lifetime = "1h" if used.cache_write_1h else "5m"
    cached = {"cache_control": {"type": "ephemeral", "ttl": lifetime}} if used.cache_creation else {}
    return {"type": "text", "text": text, **cached}


def _pictures(used: Usage) -> list[dict[str, Any]]:
    return [_PICTURE] if used.image_in else []


def _sounds(used: Usage) -> list[dict[str, Any]]:
    seconds = max(used.audio_seconds, -(-used.audio_in // 10))
    return [{"type": "input_audio", "input_audio": {"data": "A" * _SECOND * seconds}}] if seconds else []


def _tools(used: Usage) -> list[dict[str, Any]]:
    searches = [{"type": "web_search", "max_uses": used.web_searches}] if used.web_searches else []
    return [*searches, {"type": "file_search"}] if used.file_searches else searches


def _embedded(used: Usage, case: Case) -> dict[str, Any]:
    return {"input": [{"content": [_part(_text(used.input, case), Usage()), *_pictures(used)]}]}


def _drawn(used: Usage, case: Case) -> dict[str, Any]:
    return {"prompt": _text(used.input, case), "n": max(1, used.images)}


def _spoken(used: Usage, _: Case) -> dict[str, Any]:
    return {"input": "a" * 4 * used.input}  # how long it sounds depends on its letters


def _ranked(used: Usage, case: Case) -> dict[str, Any]:
    documents = [_text(used.input, case)] * max(1, used.rerank_searches * 100)
    return {"query": "barley", "documents": documents}


_FIELDS: Final = {
    "/chat/completions": _conversation,
    "/completions": _conversation,
    "/responses": _conversation,
    "/messages": _conversation,
    "/messages/count_tokens": _conversation,
    "/embeddings": _embedded,
    "/images/generations": _drawn,
    "/audio/speech": _spoken,
    "/moderations": _spoken,
    "/rerank": _ranked,
}
