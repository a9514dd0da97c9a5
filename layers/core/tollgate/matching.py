"""genai-prices' rules for which names mean a model, as functions of the name in lower case."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Matcher = Callable[[str], bool]


def matcher(rule: Mapping[str, Any]) -> Matcher:
    """The function of a compiled rule, such as {"equals": "x"} or {"or": [...]}."""
    ((kind, value),) = rule.items()
    if kind in ("or", "and"):
        parts = [matcher(part) for part in value]
        combine = any if kind == "or" else all
        return lambda name: combine(part(name) for part in parts)
    if kind == "regex":
        return lambda name: re.search(value, name) is not None
    wanted = value.lower()
    simple: dict[str, Matcher] = {
        "equals": lambda name: name == wanted,
        "starts_with": lambda name: name.startswith(wanted),
        "ends_with": lambda name: name.endswith(wanted),
        "contains": lambda name: wanted in name,
    }
    return simple[kind]
