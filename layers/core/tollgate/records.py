"""The ledger's words: what was called, what it used, what it cost."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple, Self

from tollgate.money import ZERO

Status = Literal["success", "failure"]
Ending = Literal[
    "finished",  # the provider's answer arrived whole
    "upstream_error",  # the provider answered with an error status, or ended its answer with an error
    "upstream_unreachable",  # no connection, or no answer within the time allowed
    "upstream_cut",  # the provider hung up before its answer was whole
    "timed_out",  # the call's time was up before the provider's answer was whole
    "client_gone",  # the client hung up; the usage was drained from the provider, or estimated
    "nonsense",  # a 2xx answer that is not what its content type says
    "gateway_error",  # the gateway failed between call and close
    "abandoned",  # the gateway died or ran out of time; closed by reconcile
]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call used, by disjoint class: tokens that add up to the provider's count, and priced units."""

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    audio_in: int = 0
    audio_out: int = 0
    image_in: int = 0
    image_out: int = 0
    web_searches: int = 0
    file_searches: int = 0
    code_executions: int = 0
    rerank_searches: int = 0
    images: int = 0  # generated, where a provider charges by the image
    audio_seconds: int = 0
    characters: int = 0  # spoken, where a provider charges by the character

    def counts(self) -> dict[str, int]:
        """The classes that are not zero."""
        return {name: count for name in USAGE_CLASSES if (count := getattr(self, name))}

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Self:
        """Usage from a mapping of class to count; unknown names are ignored."""
        return cls(**{name: int(counts[name]) for name in USAGE_CLASSES if name in counts})

    def without(self, names: Collection[str]) -> "Usage":
        """The usage but for some classes."""
        return Usage.of({name: n for name, n in self.counts().items() if name not in names})

    def plus(self, other: "Usage") -> "Usage":
        """The sum of two usages, class by class."""
        return Usage(*(getattr(self, name) + getattr(other, name) for name in USAGE_CLASSES))

    @property
    def prompt_tokens(self) -> int:
        """Everything sent, cache reads and writes included (LiteLLM's `prompt_tokens`)."""
        return self.input + self.cache_tokens + self.audio_in + self.image_in

    @property
    def cache_tokens(self) -> int:
        """Cache reads and writes."""
        return self.cache_read + self.cache_creation

    @property
    def cache_creation(self) -> int:
        """Cache writes of any lifetime (LiteLLM's `cache_creation_input_tokens`)."""
        return self.cache_write_5m + self.cache_write_1h

    @property
    def completion_tokens(self) -> int:
        """Everything generated, reasoning included (LiteLLM's `completion_tokens`)."""
        return self.output + self.reasoning + self.audio_out + self.image_out


USAGE_CLASSES = tuple(f.name for f in fields(Usage))


@dataclass(frozen=True, slots=True)
class Entry:
    """One request as it stands in the ledger when opened: who called what, and when."""

    request_id: str
    customer_id: str
    key_id: str
    model_group: str  # the model the client asked for
    model: str  # the model the provider was asked for
    provider: str
    endpoint: str
    started_at: datetime
    day: str  # YYYY-MM-DD of started_at in the deployment's REPORTING_TIMEZONE
    stream: bool = False
    session_id: str = ""
    input_estimate: int = 0  # tokens, from the size of the request
    output_limit: int = 0  # tokens, as the client asked; 0 when it did not
    attempt: int = 1  # which of a call's attempts; each has an entry of its own
    call_id: str = ""  # the request id of the call's first attempt; empty on that one
    virtual_key: bool = False  # whether the key has an item of its own, as the master key has none
    held: Decimal = ZERO  # USD set aside at admission
    held_tokens: int = 0  # counted against tokens per minute at admission
    tracked: str = ""  # the windows that the customer's wallet kept at admission; empty when it has no limits
    key_tracked: str = ""  # the same of the key's wallet
    would_block: str = ""  # the limit that `observe` let the call pass
    tags: tuple[str, ...] = ()  # in alphabetical order, each once
    spend_logs_metadata: str = ""  # a JSON object that the log shows


class Demand(NamedTuple):
    """What one attempt may cost at most, in USD, and the tokens it counts against tokens per minute."""

    cost: Decimal
    tokens: int


@dataclass(frozen=True, slots=True)
class SpendEvent:
    """An entry, closed: what it used, what it cost, and how it ended. Never changes again."""

    entry: Entry
    status: Status
    ending: Ending
    closed_at: datetime
    usage: Usage = field(default_factory=Usage)
    cost: Decimal = ZERO  # USD, what the provider charges us
    charge: Decimal = ZERO  # USD, what we charge the customer
    price_version: str = ""
    duration_ms: int | None = None  # None when no answer was timed
    first_byte_ms: int | None = None  # until the first bytes of the answer's body; None when none came
    http_status: int = 0  # the provider's; 0 when it did not answer
    estimated: str = ""  # how the usage was estimated; empty when the provider reported it
    unpriced: bool = False
    tier: str = ""  # the service tier, speed or mode as served, when it is not the standard one
