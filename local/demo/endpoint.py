"""What the endpoints have in common: the words of a call, and what each API must say of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from starlette.datastructures import Headers

from local.demo.usage import Counts

Json = dict[str, Any]
RawHeaders = list[tuple[bytes, bytes]]


class RefusalError(Exception):
    """A call the provider does not take, with the status and the parameter it blames."""

    def __init__(self, message: str, *, param: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.status = status


class Event(NamedTuple):
    """One server-sent event, ready to send."""

    data: bytes
    completes_usage: bool = False  # once it is out, the client knows the whole usage


class Whole(NamedTuple):
    """An answer in one piece that is no object with a `usage`: a sound, a text, pictures sold by number."""

    body: bytes
    kind: bytes = b"application/json"
    tells_usage: bool = False  # once it is out, the client knows what it is charged for


class ToolCall(NamedTuple):
    """A tool of the client's, and what to call it with."""

    name: str
    arguments: Json


class Generation(NamedTuple):
    """What the model makes of a request by itself."""

    usage: Counts
    seed: int = 0  # decides the text
    cut_short: bool = False  # by the limit the client set
    tool: ToolCall | None = None  # called in place of an answer


@dataclass(frozen=True, slots=True)
class Call:
    """One accepted call, as it is going to be answered."""

    body: Json
    model: str
    stream: bool
    fault: str
    usage: Counts
    pieces: list[str]  # the answer's text, a streamed chunk each
    cut_short: bool
    slow_first_byte_s: float
    slow_chunk_s: float
    tool: ToolCall | None = None


class Endpoint(Protocol):
    """One endpoint of one provider."""

    path: str  # below /v1
    cannot: frozenset[str]  # the faults that make no sense here
    reports: frozenset[str]  # the usage classes its answers have a place for

    def read(self, raw: bytes, content_type: str) -> Json:
        """Read a body, or raise `RefusalError`."""

    def streamed(self, body: Json) -> bool:
        """Whether the answer is to come in events."""

    def authorize(self, headers: Headers) -> None:
        """Raise `RefusalError` for headers the provider would not take, those without a key above all."""

    def check(self, body: Json) -> None:
        """Raise `RefusalError` for a body the provider would not take."""

    def generate(self, body: Json) -> Generation:
        """Decide what the model makes of a body that passed the check."""

    def report(self, usage: Counts) -> Json:
        """Write usage as the API's usage object."""

    def answer(self, call: Call) -> Json | Whole:
        """Answer a call that is not streamed; of an object, `usage` is what it reports."""

    def events(self, call: Call) -> Iterator[Event]:
        """Answer a streamed call."""

    def error(self, status: int, message: str, param: str | None = None) -> Json:
        """Wrap an error as the API does."""

    def headers(self) -> RawHeaders:
        """Name the headers of every answer."""
