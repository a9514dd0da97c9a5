"""What the provider's own tools may add: fees by the call, and what they bring into the prompt."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tollgate.demand.portions import Portion

# What is held where a request sets no bound (`max_uses`, `max_tool_calls`); most searches need fewer.
_USES: Final = 5
_MOST_USES: Final = 100
# The block that OpenAI bills for a search's content: https://platform.openai.com/docs/pricing#built-in-tools
_FOUND: Final = 8_000
# 20 chunks of 800 tokens: https://platform.openai.com/docs/guides/tools-file-search
_CHUNK: Final = 800
_CHUNKS: Final = 20
# What a tool of the provider's own puts into the prompt; Claude's largest is computer use, with 735,
# and the prompt for any tools at all 530: https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview#pricing
_DESCRIPTION: Final = 800
_SYSTEM: Final = 530
_OWN: Final = (None, "function", "custom")


def demanded(body: Mapping[str, Any], model: str) -> tuple[list[Portion], int]:
    """The portions of fees, and the tokens that tools add to the prompt."""
    offered = list(_tools(body))
    fees = [Portion(1, ("web_searches",))] if _always_searches(body, model) else []
    added = _SYSTEM if offered else 0
    for tool in offered:
        kind = tool.get("type")
        added += 0 if kind in _OWN else _DESCRIPTION
        name, each = _brings(str(kind), tool)
        uses = _uses(tool, body) if each else 0
        added += uses * each
        fees += [Portion(uses, (name,))] if name else []
    return fees, added


def _tools(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in ("tools", "functions"):
        found = body.get(name)
        yield from (tool for tool in found if isinstance(tool, Mapping)) if isinstance(found, list) else ()


def _brings(kind: str, tool: Mapping[str, Any]) -> tuple[str, int]:
    """The class of a tool's fee ("": none), and the tokens that each use brings."""
    if kind.startswith(("web_search", "x_search")):
        return "web_searches", _FOUND
    if kind.startswith("web_fetch"):
        return "", _bound(tool.get("max_content_tokens"), _FOUND, most=10**6)
    if kind == "file_search":
        return "file_searches", _CHUNK * _bound(tool.get("max_num_results"), _CHUNKS, most=50)
    return "", 0


def _uses(tool: Mapping[str, Any], body: Mapping[str, Any]) -> int:
    return _bound(tool.get("max_uses", body.get("max_tool_calls")), _USES, most=_MOST_USES)


def _bound(value: object, default: int, *, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        return default
    return min(value, most)


def _always_searches(body: Mapping[str, Any], model: str) -> bool:
    """Whether it is a chat that searches once (https://platform.openai.com/docs/guides/tools-web-search)."""
    return "web_search_options" in body or "-search-" in model
