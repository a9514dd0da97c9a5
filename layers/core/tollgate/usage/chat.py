"""Token classes from the usage object of OpenAI's chat completions.

Cached and audio tokens are inside `prompt_tokens`, reasoning and audio tokens inside `completion_tokens`:
https://platform.openai.com/docs/api-reference/chat/object (fields of `usage`).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tollgate.records import Usage


class Reading(NamedTuple):
    """A usage, and what was wrong with the report of it ("" when nothing was)."""

    usage: Usage
    fault: str = ""


def read_usage(reported: object) -> Reading | None:
    """The disjoint classes of a usage object, or None when it is no usage at all.

    A report that contradicts itself is clamped so that no class is negative and the sum is never more than
    was reported as a whole; `fault` says so.
    """
    if not isinstance(reported, Mapping):
        return None
    prompt, completion = _count(reported.get("prompt_tokens")), _count(reported.get("completion_tokens"))
    if prompt is None and completion is None:
        return None
    inside_prompt = _parts(reported.get("prompt_tokens_details"), _PROMPT_PARTS)
    inside_completion = _parts(reported.get("completion_tokens_details"), _COMPLETION_PARTS)
    sent, sent_fault = _split(prompt or 0, inside_prompt, "input")
    made, made_fault = _split(completion or 0, inside_completion, "output")
    missing = "" if None not in (prompt, completion) else "a total is missing"
    return Reading(Usage.of({**sent, **made}), "; ".join(filter(None, (missing, sent_fault, made_fault))))


_PROMPT_PARTS = {
    "cached_tokens": "cache_read",
    "cache_write_tokens": "cache_write_5m",
    "audio_tokens": "audio_in",
}
_COMPLETION_PARTS = {"reasoning_tokens": "reasoning", "audio_tokens": "audio_out"}
_MOST = 10**12  # a count beyond it is nonsense, and could not be priced and stored in 38 digits


def _count(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= _MOST else None


def _parts(details: object, names: Mapping[str, str]) -> dict[str, int | None]:
    if not isinstance(details, Mapping):
        return {}
    return {
        ours: _count(details[theirs]) for theirs, ours in names.items() if details.get(theirs) is not None
    }


def _split(whole: int, parts: Mapping[str, int | None], rest: str) -> tuple[dict[str, int], str]:
    """A whole split into its parts and the rest; parts that do not fit are cut to what is left."""
    counts: dict[str, int] = {}
    left, fault = whole, ""
    for name, reported in parts.items():
        counts[name] = min(reported or 0, left)
        left -= counts[name]
        if reported is None or counts[name] < reported:
            fault = f"{name} tokens contradict the total"
    return {**counts, rest: left}, fault


def usage_of(body: Any) -> object:
    """The usage object of a parsed answer or chunk, if it has one."""
    return body.get("usage") if isinstance(body, Mapping) else None
