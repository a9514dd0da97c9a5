"""What a body gives a model to read: its texts, and the pictures, sounds and files among them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tollgate.demand import media
from tollgate.money import dumps

_PICTURES: Final = frozenset({"image", "image_url", "input_image", "computer_screenshot"})
_SOUNDS: Final = frozenset({"input_audio", "audio", "audio_url"})
_FILES: Final = frozenset({"file", "input_file", "document", "document_url", "video_url", "input_video"})
_HIDDEN: Final = frozenset({"redacted_thinking"})
_MEDIA: Final = _PICTURES | _SOUNDS | _FILES | _HIDDEN
# Said to the provider, not to the model.
_UNREAD: Final = frozenset(
    {
        *("model", "user", "metadata", "litellm_metadata", "safety_identifier", "prompt_cache_key"),
        *(
            "stream_options",
            "service_tier",
            "logit_bias",
            "stop",
            "include",
            "demo",
            "betas",
            "voice",
            "size",
        ),
    }
)
# Field names are read, too, where a field is a schema.
_SCHEMAS: Final = frozenset(
    {"tools", "functions", "response_format", "text", "output_format", "output_config"}
)
_LABELS: Final = frozenset(
    {"type", "role", "id", "status", "call_id", "tool_call_id", "tool_use_id", "detail"}
)
# Objects that a model wrote out as JSON.
_JSON: Final = frozenset({"input", "parameters", "input_schema", "arguments"})
_CIPHERS: Final = frozenset({"encrypted_content", "signature"})
_CACHE: Final = "cache_control"
_FIVE_MINUTES: Final = "5m"
_CIPHER_BYTES: Final = 4  # for a token: base64, of about four characters of text and more
_PER_OBJECT: Final = 5  # a message's frame, a part's label
_FRAME: Final = 16  # of a conversation; Claude's is 12
_DEEPEST: Final = 20  # levels of parts in parts


@dataclass(slots=True)
class Prompt:
    """Texts, and the tokens that are counted without reading them: of media, of frames, of ids of tokens.

    `cached` are the lifetimes that parts are to be cached for ("5m", "1h").
    """

    model: str
    texts: list[str] = field(default_factory=list)
    tokens: int = _FRAME
    pictures: int = 0
    sounds: int = 0
    cached: set[str] = field(default_factory=set)

    def read(self, body: Mapping[str, Any]) -> "Prompt":
        """Take in everything of a body that a model reads."""
        for name, value in body.items():
            if name in _UNREAD:
                continue
            if name == _CACHE:
                self._cache(value)
            elif name in _SCHEMAS and isinstance(value, list | dict):
                self._take_schema(value)
            else:
                self._take(value, 0)
        return self

    def _take_schema(self, value: list[object] | dict[str, object]) -> None:
        self.texts.append(dumps(value).decode())
        for tool in value if isinstance(value, list) else ():
            if isinstance(tool, dict) and _CACHE in tool:
                self._cache(tool[_CACHE])

    def _cache(self, control: object) -> None:
        if isinstance(control, dict):
            self.cached.add(str(control.get("ttl", _FIVE_MINUTES)))

    def _take(self, value: object, depth: int) -> None:
        if isinstance(value, str):
            self.texts.append(value)
        elif depth > _DEEPEST:
            self.texts.append(dumps(value).decode())
        elif isinstance(value, list):
            self._take_all(value, depth + 1)
        elif isinstance(value, dict):
            self._take_object(value, depth + 1)

    def _take_all(self, values: list[object], depth: int) -> None:
        if values and isinstance(values[0], int) and isinstance(values[-1], int):  # ids of tokens
            self.tokens += len(values)
            return
        for value in values:
            self._take(value, depth)

    def _take_object(self, part: dict[str, Any], depth: int) -> None:
        self.tokens += _PER_OBJECT
        kind = part.get("type")
        if isinstance(kind, str) and kind in _MEDIA and not _is_text(part):
            self._take_media(kind, part)
            return
        for name, value in part.items():
            if name in _LABELS:
                continue
            if isinstance(value, str):
                self._take_text(name, value)
            elif name == _CACHE:
                self._cache(value)
            elif name in _JSON and isinstance(value, dict):
                self.texts.append(dumps(value).decode())
            else:
                self._take(value, depth)

    def _take_text(self, name: str, value: str) -> None:
        if name in _CIPHERS:
            self.tokens += len(value) // _CIPHER_BYTES
        else:
            self.texts.append(value)

    def _take_media(self, kind: str, part: dict[str, Any]) -> None:
        self._cache(part.get(_CACHE))
        if kind in _PICTURES:
            self.pictures += media.picture(_detail(part), self.model)
        elif kind in _SOUNDS:
            self.sounds += media.sound(part, self.model)
        elif kind in _FILES:
            self.tokens += media.file(part)
        else:
            self.tokens += len(str(part.get("data"))) // _CIPHER_BYTES


def _detail(part: Mapping[str, Any]) -> object:
    inner = part.get("image_url")
    return inner.get("detail") if isinstance(inner, Mapping) else part.get("detail")


def _is_text(part: Mapping[str, Any]) -> bool:
    """Whether a document is one in plain text or in parts, as Anthropic takes them."""
    source = part.get("source")
    return isinstance(source, Mapping) and source.get("type") in ("text", "content")
