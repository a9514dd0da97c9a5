"""Usage classes from OpenAI's answers, and from those of others who speak its API, endpoint by endpoint.

Cached and audio tokens are inside the prompt's total, reasoning and audio tokens inside the completion's:
https://platform.openai.com/docs/api-reference (fields of `usage` of each object).
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tollgate.records import Usage
from tollgate.usage.compatible import always_searched, billed, reported_in, seconds_in, tool_calls, totals
from tollgate.usage.reading import Reading, count, faults, first, mapping, served_as, split


def chat(answer: Mapping[str, Any]) -> Reading | None:
    """Chat completions and completions, whole or a chunk of a stream."""
    reported = reported_in(answer)
    whole = totals(reported, str(answer.get("model")))
    if whole is None:
        return None
    sent, sent_fault = split(whole.sent, _prompt(reported, whole.sent), "input")
    made, made_fault = split(whole.made, _completion(reported) | whole.beside, "output")
    usage = Usage.of({**sent, **made, **always_searched(answer), **seconds_in(reported)})
    return Reading(usage, faults(whole.fault, sent_fault, made_fault), served_as(answer), billed(reported))


def _prompt(reported: Mapping[str, object], whole: int) -> dict[str, object]:
    details = mapping(reported.get("prompt_tokens_details"))
    hit, cached = reported.get("prompt_cache_hit_tokens"), reported.get("cached_tokens")  # DeepSeek, Moonshot
    parts = {
        "cache_read": first(details.get("cached_tokens"), hit, cached),
        "cache_write_5m": details.get("cache_write_tokens"),
        "audio_in": details.get("audio_tokens"),
    }
    # Pictures may be cached, too, and cost what text costs: those that do not fit beside the rest are in it.
    left = max(whole - sum(count(value) or 0 for value in parts.values()), 0)
    return {**parts, "image_in": min(count(details.get("image_tokens")) or 0, left)}


def _completion(reported: Mapping[str, object]) -> dict[str, object]:
    details = mapping(reported.get("completion_tokens_details"))
    return {
        "reasoning": details.get("reasoning_tokens"),
        "audio_out": details.get("audio_tokens"),
        "image_out": details.get("image_tokens"),
    }


def embeddings(answer: Mapping[str, Any]) -> Reading | None:
    """Embeddings: a prompt and nothing else."""
    reported = mapping(answer.get("usage"))
    total = first(reported.get("prompt_tokens"), reported.get("total_tokens"))
    if count(total) is None:
        return None
    details = mapping(reported.get("prompt_tokens_details"))
    parts = {"audio_in": details.get("audio_tokens"), "image_in": details.get("image_tokens")}
    sent, fault = split(total, parts, "input")
    return Reading(Usage.of(sent), fault, served_as(answer), billed(reported))


def responses(answer: Mapping[str, Any]) -> Reading | None:
    """A response object, with the calls of priced tools in its output."""
    reported = mapping(answer.get("usage"))
    whole = reported.get("input_tokens"), reported.get("output_tokens")
    if count(whole[0]) is None and count(whole[1]) is None:
        return None
    details = mapping(reported.get("input_tokens_details"))
    made_details = mapping(reported.get("output_tokens_details"))
    parts = {"cache_read": details.get("cached_tokens"), "cache_write_5m": details.get("cache_write_tokens")}
    sent, sent_fault = split(whole[0], parts, "input")
    made, made_fault = split(whole[1], {"reasoning": made_details.get("reasoning_tokens")}, "output")
    calls, calls_fault = tool_calls(answer)
    usage = Usage.of({**sent, **made, **calls})
    return Reading(usage, faults(sent_fault, made_fault, calls_fault), served_as(answer), billed(reported))


def images(answer: Mapping[str, Any]) -> Reading | None:
    """Generated or edited images: tokens where the model reports them, else the images themselves."""
    reported = mapping(answer.get("usage"))
    if count(reported.get("output_tokens")) is None:
        made = answer.get("data")
        usage = Usage(images=len(made)) if isinstance(made, list) else Usage()
        return Reading(usage, billed=billed(reported)) if usage.images else None
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
    lasted = (reported.get("seconds"), reported.get("prompt_audio_seconds"), answer.get("duration"))
    if count(reported.get("input_tokens")) is None:
        seconds = _seconds(first(*lasted))
        return None if seconds is None else Reading(Usage(audio_seconds=seconds))
    details = mapping(reported.get("input_token_details"))
    sent, fault = split(reported["input_tokens"], {"input": details.get("text_tokens")}, "audio_in")
    return Reading(Usage.of({**sent, "output": count(reported.get("output_tokens")) or 0}), fault)


def speech(answer: Mapping[str, Any]) -> Reading | None:
    """The end of a spoken stream: text in, audio out."""
    reported = mapping(answer.get("usage"))
    sent, made = count(reported.get("input_tokens")), count(reported.get("output_tokens"))
    return None if sent is None or made is None else Reading(Usage(input=sent, audio_out=made))


def _seconds(value: object) -> int | None:
    """Seconds as they are charged: rounded to the nearest whole one (https://openai.com/api/pricing)."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value < 10**9:
        return None
    return int(Decimal(value).to_integral_value(ROUND_HALF_UP))


def rerank(answer: Mapping[str, Any]) -> Reading | None:
    """Reranked documents: Cohere's search units, or the tokens of those who charge them."""
    units = count(mapping(mapping(answer.get("meta")).get("billed_units")).get("search_units"))
    if units is not None:
        return Reading(Usage(rerank_searches=units))
    return embeddings(answer)
