"""Faults on demand: how often each happens, decided by a seed and the arrival number, never by chance.

A rate is a share of the calls to which the fault can happen.
"""

from hashlib import blake2b
from typing import Annotated, Any, NamedTuple

import msgspec

Rate = Annotated[float, msgspec.Meta(ge=0, le=1)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=3600)]


class FaultSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rates (0 to 1, those that one call can meet together at most 1), delays (seconds) and the seed."""

    error_500: Rate = 0.0
    error_429: Rate = 0.0  # with retry-after
    error_400: Rate = 0.0
    error_with_usage: Rate = 0.0  # status 500, and a usage object beside the error
    hang_up: Rate = 0.0  # the connection closes before the first byte
    nonsense: Rate = 0.0  # 200 application/json that is not JSON
    no_usage: Rate = 0.0
    cut_body: Rate = 0.0  # the connection closes halfway; calls that are not streamed
    cut_stream: Rate = 0.0  # the same; streamed calls, as are the two below
    duplicate_usage: Rate = 0.0  # the chunk with the usage comes twice
    usage_in_last_choice: Rate = 0.0  # OpenAI: on the chunk with the finish_reason, not one of its own
    failed: Rate = 0.0  # Responses: generated and charged for, and then failed
    slow_first_byte_s: Seconds = 0.0
    slow_chunk_s: Seconds = 0.0  # before every chunk of a stream
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse rates that leave some faults no room."""
        for cannot in KINDS:
            if sum(rate for name, rate in self.rates().items() if name not in cannot) > 1 + 1e-9:
                raise ValueError("The rates add up to more than 1")

    def rates(self) -> dict[str, float]:
        """Give the rate of each fault by name."""
        return {name: getattr(self, name) for name in FAULTS}


FAULTS = tuple(
    name for name in FaultSet.__struct_fields__ if name not in {"slow_first_byte_s", "slow_chunk_s", "seed"}
)
FREE = frozenset({"error_500", "error_429", "error_400", "hang_up"})  # the model never ran
STREAM_ONLY = frozenset({"cut_stream", "duplicate_usage", "usage_in_last_choice"})
WHOLE_ONLY = frozenset({"cut_body"})
KINDS = (  # what calls cannot meet: whole ones, streams of chat completions, and streams of responses
    STREAM_ONLY,
    WHOLE_ONLY | {"failed"},
    WHOLE_ONLY | {"usage_in_last_choice"},
)


class Roll(NamedTuple):
    """One arrival's luck, before it is known what it asks for."""

    point: float  # 0 to 1
    rates: list[tuple[str, float]]

    def falls_on(self, cannot: frozenset[str]) -> str:
        """Give the fault that happens to a call; mostly there is none, which is ""."""
        point = self.point
        for name, rate in self.rates:
            if name in cannot:
                continue
            if point < rate:
                return name
            point -= rate
        return ""


class Faults:
    """The faults now in force; the same set gives the same arrivals the same faults, every time it is set."""

    def __init__(self) -> None:
        self.replace({})

    def replace(self, values: Any) -> None:
        """Put these faults and no others in force, or raise `msgspec.ValidationError`, which says why."""
        self.now = msgspec.convert(values, FaultSet)
        self._rates = [(name, rate) for name, rate in self.now.rates().items() if rate]
        self._arrivals = 0

    def roll(self) -> Roll:
        """Decide the next arrival's luck."""
        self._arrivals += 1
        return Roll(_point(self.now.seed, self._arrivals) if self._rates else 0.0, self._rates)


def _point(seed: int, arrival: int) -> float:
    # 53 bits: all that a float holds, so that it stays below 1 and a rate of 1 means always.
    digest = blake2b(f"{seed}:{arrival}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest) >> 11) / 2**53
