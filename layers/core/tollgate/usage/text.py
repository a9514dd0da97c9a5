"""What stands in JSON that nobody parses: events on their way through, answers that broke off."""

import re


def text_in(payload: bytes, text: re.Pattern[bytes]) -> int:
    """How many bytes of text a payload holds, cheaply: only an answer that breaks off needs them."""
    return sum(len(found) for found in text.findall(payload))


def text_of(*names: str) -> re.Pattern[bytes]:
    """What finds the text of these fields, even half a text, however a provider spaces its JSON."""
    return re.compile(rb'"(?:%s)"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)' % "|".join(names).encode(), re.DOTALL)


def field_of(name: str, values: str) -> re.Pattern[bytes]:
    """What finds a field with one of some values, a pattern, however a provider spaces its JSON."""
    return re.compile(rb'"%s"\s*:\s*(?:%s)' % (name.encode(), values.encode()))
