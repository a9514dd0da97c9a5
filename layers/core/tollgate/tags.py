"""What a call is labelled with: tags to add its spend up by, and metadata that its log shows.

LiteLLM's places: `metadata` or `litellm_metadata` of the body, and the headers x-litellm-tags (comma
separated) and x-litellm-spend-logs-metadata (JSON). They are the gateway's own, and providers that check
their `metadata` would refuse them: they are not passed on.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from tollgate.customer import header_text
from tollgate.errors import BadRequest
from tollgate.money import dumps, loads

MOST: Final = 20
LONGEST: Final = 128  # characters of a tag
_LARGEST: Final = 1024  # bytes of metadata
_TAGS_HEADER: Final = "x-litellm-tags"
_METADATA_HEADER: Final = "x-litellm-spend-logs-metadata"
_TAGS: Final = "tags"
_METADATA: Final = "spend_logs_metadata"
_OBJECTS: Final = ("metadata", "litellm_metadata")


def tags_of(headers: Mapping[str, str], body: Mapping[str, Any]) -> tuple[str, ...]:
    """The tags of a call, in alphabetical order. Headers are looked up in lower case. Raises BadRequest."""
    named = header_text(headers.get(_TAGS_HEADER, "")).split(",")
    for place, value in _given(body, _TAGS):
        if isinstance(value, list):
            named += _texts(place, value)
    found = tuple(sorted({tag.strip() for tag in named} - {""}))
    if len(found) > MOST:
        raise BadRequest(f"The call has {len(found)} tags; at most {MOST} are allowed.", param=_TAGS)
    if long := [tag for tag in found if len(tag) > LONGEST]:
        raise BadRequest(f"A tag has {len(long[0])} characters; at most {LONGEST} are allowed.", param=_TAGS)
    return found


def spend_logs_metadata(headers: Mapping[str, str], body: Mapping[str, Any]) -> str:
    """What the log of a call shows beside it, as a JSON object; "" for nothing. Raises BadRequest."""
    merged: dict[str, Any] = {}
    for _, value in _given(body, _METADATA):
        merged |= _object(value)
    if told := header_text(headers.get(_METADATA_HEADER, "")):
        merged |= _object(_parsed(told))
    text = dumps(merged) if merged else b""
    if len(text) > _LARGEST:
        raise BadRequest(
            f"{_METADATA} has {len(text)} bytes; at most {_LARGEST} are allowed.", param=_METADATA
        )
    return text.decode()


def unlabelled(body: Mapping[str, Any]) -> dict[str, Any]:
    """What of a body's `metadata` differs for the provider: our labels are gone; None takes a name away."""
    changes: dict[str, Any] = {"litellm_metadata": None} if "litellm_metadata" in body else {}
    metadata = body.get("metadata")
    if isinstance(metadata, Mapping) and (isinstance(metadata.get(_TAGS), list) or _METADATA in metadata):
        ours = {_METADATA} | ({_TAGS} if isinstance(metadata.get(_TAGS), list) else set())
        changes["metadata"] = {name: value for name, value in metadata.items() if name not in ours} or None
    return changes


def _given(body: Mapping[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    for place in _OBJECTS:
        found = body.get(place)
        if isinstance(found, Mapping) and found.get(name) is not None:
            yield f"{place}.{name}", found[name]


def _texts(place: str, values: list[Any]) -> list[str]:
    if any(not isinstance(value, str) for value in values):
        raise BadRequest(f"{place} must be a list of strings.", param=_TAGS)
    return values


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadRequest(f"{_METADATA} must be a JSON object.", param=_METADATA)
    return value


def _parsed(text: str) -> Any:
    try:
        return loads(text)
    except msgspec.DecodeError:
        raise BadRequest(f"The header {_METADATA_HEADER} must be a JSON object.", param=_METADATA) from None
