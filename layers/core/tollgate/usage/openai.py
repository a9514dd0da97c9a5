"""Usage classes from OpenAI's answers, endpoint by endpoint.

Cached and audio tokens are inside the prompt's total, reasoning and audio tokens inside the completion's:
https://platform.openai.com/docs/api-reference (fields of `usage` of each object).
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from tollgate.records import Usage
from tollgate.usage.reading import Reading, count, faults, mapping, served_as, split

_TOOLS: Final = {"web_search_call": "web_searches", "file_search_call": "file_searches"}


def chat(answer: Mapping[str, Any]) -> Reading | None:
    """Chat completions and completions, whole or a chunk of a stream."""
    reported = mapping(answer.get("usage"))
    totals = reported.get("prompt_tokens"), reported.get("completion_tokens")
    if count(totals[0]) is None and count(totals[1]) is None:
        return None
    prompt, completion = mapping(reported.get("prompt_tokens_details")), _completion(reported)
    parts = {
        "cache_read": prompt.get("cached_tokens", reported.get("prompt_cache_hit_tokens")),
        "cache_write_5m": prompt.get("cache_write_tokens"),
        "audio_in": prompt.get("audio_tokens"),
    }
    sent, sent_fault = split(totals[0], parts, "input")
    made, made_fault = split(totals[1], completion, "output")
    return Reading(Usage.of({**sent, **made}), faults(sent_fault, made_fault), served_as(answer))


def _completion(reported: Mapping[str, object]) -> dict[str, object]:
    details = mapping(reported.get("completion_tokens_details"))
    return {"reasoning": details.get("reasoning_tokens"), "audio_out": details.get("audio_tokens")}


def embeddings(answer: Mapping[str, Any]) -> Reading | None:
    """Embeddings: a prompt and nothing else."""
    total = count(mapping(answer.get("usage")).get("prompt_tokens"))
    return None if total is None else Reading(Usage(input=total))


def responses(answer: Mapping[str, Any]) -> Reading | None:
    """A response object, with the calls of priced tools in its output."""
    reported = mapping(answer.get("usage"))
    totals = reported.get("input_tokens"), reported.get("output_tokens")
    if count(totals[0]) is None and count(totals[1]) is None:
        return None
    sent_details = mapping(reported.get("input_tokens_details"))
    made_details = mapping(reported.get("output_tokens_details"))
    parts = {
        "cache_read": sent_details.get("cached_tokens"),
        "cache_write_5m": sent_details.get("cache_write_tokens"),
    }
    sent, sent_fault = split(totals[0], parts, "input")
    made, made_fault = split(totals[1], {"reasoning": made_details.get("reasoning_tokens")}, "output")
    usage = Usage.of({**sent, **made, **tool_calls(answer.get("output"))})
    return Reading(usage, faults(sent_fault, made_fault), served_as(answer))


def tool_calls(output: object) -> dict[str, int]:
    """How often priced tools were called: of a web search, only its searches are charged, not its page views."""
    counts: dict[str, int] = {}
    for item in output if isinstance(output, list) else ():
        fields = mapping(item)
        name = _TOOLS.get(str(fields.get("type")))
        if name and mapping(fields.get("action")).get("type", "search") == "search":
            counts[name] = counts.get(name, 0) + 1
    return counts


def images(answer: Mapping[str, Any]) -> Reading | None:
    """Generated or edited images: tokens where the model reports them, else the images themselves."""
    reported = mapping(answer.get("usage"))
    if count(reported.get("output_tokens")) is None:
        made = answer.get("data")
        return Reading(Usage(images=len(made))) if isinstance(made, list) and made else None
    details = mapping(reported.get("input_tokens_details"))
    made_details = mapping(reported.get("output_tokens_details"))
    sent, sent_fault = split(reported.get("input_tokens"), {"image_in": details.get("image_tokens")}, "input")
    out, out_fault = split(
        reported["output_tokens"], {"output": made_details.get("text_tokens")}, "image_out"
    )
    return Reading(Usage.of({**sent, **out}), faults(sent_fault, out_fault), served_as(answer))


def transcription(answer: Mapping[str, Any]) -> Reading | None:
    """A transcription or translation: audio and text tokens, or seconds of audio."""
    reported = mapping(answer.get("usage"))
    if reported.get("type") == "duration" or "seconds" in reported:
        seconds = _seconds(reported.get("seconds"))
        return None if seconds is None else Reading(Usage(audio_seconds=seconds))
    if count(reported.get("input_tokens")) is None:
        seconds = _seconds(answer.get("duration"))
        return None if seconds is None else Reading(Usage(audio_seconds=seconds))
    details = mapping(reported.get("input_token_details"))
    sent, fault = split(reported["input_tokens"], {"audio_in": details.get("audio_tokens")}, "input")
    return Reading(Usage.of({**sent, "output": count(reported.get("output_tokens")) or 0}), fault)


def speech(answer: Mapping[str, Any]) -> Reading | None:
    """The end of a spoken stream: text in, audio out."""
    reported = mapping(answer.get("usage"))
    sent, made = count(reported.get("input_tokens")), count(reported.get("output_tokens"))
    return None if sent is None or made is None else Reading(Usage(input=sent, audio_out=made))


def _seconds(value: object) -> int | None:
    """Seconds as they are charged: rounded to the nearest whole one (https://openai.com/api/pricing)."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
        return None
    return int(Decimal(value).to_integral_value(ROUND_HALF_UP))


def rerank(answer: Mapping[str, Any]) -> Reading | None:
    """Reranked documents: Cohere's search units."""
    billed = mapping(mapping(answer.get("meta")).get("billed_units"))
    units = count(billed.get("search_units"))
    return None if units is None else Reading(Usage(rerank_searches=units))
