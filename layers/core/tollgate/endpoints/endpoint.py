"""What the gateway has to know of an endpoint to forward and meter it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tollgate.records import Usage
from tollgate.usage import estimate, shapes
from tollgate.usage.chat_stream import CostOf
from tollgate.usage.reading import Reading
from tollgate.usage.shapes import Shape
from tollgate.usage.sse import StreamMeter

Dialect = Literal["openai", "anthropic"]
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a request its metering depends on."""

    body: Body
    cost_of: CostOf | None = None

    @property
    def for_usage(self) -> bool:
        """Whether the client itself asked for a usage chunk."""
        options = self.body.get("stream_options")
        return isinstance(options, Mapping) and options.get("include_usage") is True


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint.

    `path` is its name in the ledger, after any /v1; `needs` are the fields a body must have; `read` takes the
    usage from a whole answer, `meter` from a stream; `input_tokens` estimates a prompt, `output_tokens` is
    the most that the request lets the provider generate; `shape` puts an estimate made in tokens into the
    classes charged here, of those that have a price; `settled` is the usage that the request alone determines
    (the characters of a speech), for answers that report none.
    """

    path: str
    read: Callable[[Body], Reading | None]
    input_tokens: Callable[[Body], int]
    dialect: Dialect = "openai"
    needs: tuple[str, ...] = ()
    meter: Callable[[Asked], StreamMeter] | None = None
    output_tokens: Callable[[Body], int] = estimate.output_limit
    shape: Shape = shapes.text
    settled: Callable[[Body], Usage] | None = None
    asks_for_usage: bool = False  # streams report usage only when asked to
    form: bool = False  # multipart/form-data
    bare: bool = False  # an answer may be a sound or plain text, not JSON
    free: bool = False  # providers charge nothing, so it needs no price
    default_model: str = ""
