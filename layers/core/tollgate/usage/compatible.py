"""What those who speak OpenAI's API do otherwise: where they report usage, and what their totals hold."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from tollgate.usage.reading import count, mapping

_TOOLS: Final = {"web_search_call": "web_searches", "file_search_call": "file_searches"}
_PLACES: Final = -28
_TICKS: Final = 10**10  # of a US dollar: https://docs.x.ai/developers/cost-tracking


class Totals(NamedTuple):
    """What was sent and made, reasoning that a completion's total leaves out, and what was wrong."""

    sent: int
    made: int
    beside: dict[str, object]
    fault: str = ""


def reported_in(answer: Mapping[str, Any]) -> Mapping[str, object]:
    """The usage of an answer or a chunk; Groq's streams have it in `x_groq`, Moonshot's in the choice.

    https://console.groq.com/docs/api-reference#chat-create, https://platform.moonshot.ai/docs/api/chat
    """
    choices = answer.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    places = (answer, mapping(answer.get("x_groq")), mapping(choice))
    return next((usage for place in places if (usage := mapping(place.get("usage")))), {})


def totals(reported: Mapping[str, object], model: str) -> Totals | None:
    """The totals of a chat's usage; None when it has none.

    xAI counts reasoning beside the completion, and so does Gemini, without naming it: only the grand total
    has it (https://docs.x.ai/developers/model-capabilities/text/reasoning; gemini's is its native API's
    `totalTokenCount`, https://ai.google.dev/api/generate-content#UsageMetadata).
    """
    sent, made = count(reported.get("prompt_tokens")), count(reported.get("completion_tokens"))
    total = count(reported.get("total_tokens"))
    if sent is None and made is None:
        return None
    if sent is None or made is None:
        rest = max((total or 0) - (sent or 0) - (made or 0), 0)
        known = (rest if sent is None else sent, rest if made is None else made)
        return Totals(*known, {}, "a total is missing")
    left_out = 0 if total is None else total - sent - made
    if left_out == 0 or "prompt_audio_seconds" in reported:  # Mistral's total has the audio's tokens, too
        return Totals(sent, made, {})
    return _left_out(reported, Totals(sent, made, {}), left_out, model)


def _left_out(reported: Mapping[str, object], known: Totals, left_out: int, model: str) -> Totals:
    reasoning = count(mapping(reported.get("completion_tokens_details")).get("reasoning_tokens"))
    cached = count(mapping(reported.get("prompt_tokens_details")).get("cached_tokens"))
    if left_out < 0 or (reasoning and reasoning != left_out) or (not reasoning and cached == left_out):
        return known._replace(fault="the total contradicts its parts")
    named = reasoning == left_out or "gemini" in model
    fault = "" if named else "tokens that only the total has, taken for reasoning"
    return Totals(known.sent, known.made + left_out, {"reasoning": left_out}, fault)


def always_searched(answer: Mapping[str, Any]) -> dict[str, int]:
    """The search that OpenAI's search models make for every chat, and charge for.

    https://platform.openai.com/docs/guides/tools-web-search (Chat Completions)
    """
    model = str(answer.get("model"))
    return {"web_searches": 1} if model.startswith("gpt-") and "-search-" in model else {}


def seconds_in(reported: Mapping[str, object]) -> dict[str, int]:
    """The seconds of audio in a chat's prompt, where a provider charges by the second (Mistral's Voxtral)."""
    seconds = count(reported.get("prompt_audio_seconds"))
    return {"audio_seconds": seconds} if seconds else {}


def billed(reported: Mapping[str, object]) -> Decimal | None:
    """What the provider says that it charges, in USD: xAI in ticks, OpenRouter in dollars.

    https://docs.x.ai/developers/cost-tracking, https://openrouter.ai/docs/use-cases/usage-accounting (with a
    key of one's own, the provider behind it charges its part directly).
    """
    ticks = count(reported.get("cost_in_usd_ticks"))
    if ticks is not None:
        return Decimal(ticks) / _TICKS
    said = _amount(reported.get("cost"))
    if said is None or reported.get("is_byok") is not True:
        return said
    behind = _amount(mapping(reported.get("cost_details")).get("upstream_inference_cost"))
    return said + (behind or 0)


def _amount(value: object) -> Decimal | None:
    """Money that the ledger can hold exactly: less than 10^10 dollars, at most 28 digits after the point."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value < _TICKS:
        return None
    amount = Decimal(value)
    return amount if int(amount.as_tuple().exponent) >= _PLACES else None


def tool_calls(answer: Mapping[str, Any]) -> tuple[dict[str, int], str]:
    """How often priced tools were called, and what of them cannot be priced.

    Of a web search, only its searches are charged, not its page views. `tool_usage` has the searches that
    are billed, where it is reported (https://platform.openai.com/docs/api-reference/responses/object).
    """
    calls: dict[str, int] = {}
    for item in map(mapping, _items(answer.get("output"))):
        name = _TOOLS.get(str(item.get("type")))
        if name and mapping(item.get("action")).get("type", "search") == "search":
            calls[name] = calls.get(name, 0) + 1
    tools = mapping(answer.get("tool_usage"))
    searches = count(mapping(tools.get("web_search")).get("num_requests"))
    pictures = count(mapping(tools.get("image_gen")).get("total_tokens"))
    fault = "the tokens of generated images, another model's, are not priced" if pictures else ""
    return calls if searches is None else {**calls, "web_searches": searches}, fault


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []
