"""What a customer or a key may spend, and how fast: the same limits for both, kept as JSON."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Final, Literal

import msgspec

from tollgate.money import EXACT, ZERO
from tollgate.windows import duration

Mode = Literal["strict", "observe"]
ANY_MODEL: Final = ""


class Cap(msgspec.Struct, frozen=True, omit_defaults=True):
    """At most so many USD in every window of a duration; an empty duration is a lifetime."""

    max_budget: Decimal
    budget_duration: str = ""


class ModelLimit(msgspec.Struct, frozen=True, omit_defaults=True):
    """Limits of one model, or of all that fit a pattern such as `gpt-4*`."""

    max_budget: Decimal | None = None
    budget_duration: str = ""
    tpm_limit: int | None = None
    rpm_limit: int | None = None


class Limits(msgspec.Struct, frozen=True, omit_defaults=True):
    """LiteLLM's budget fields. Money is USD, rates are per minute, None is no limit.

    `budget_limits` are further windows beside `max_budget` in `budget_duration`; `soft_budget` is shown and
    never refuses; `mode` says whether the limits refuse (`strict`) or only mark what they would (`observe`).
    """

    max_budget: Decimal | None = None
    budget_duration: str = ""
    budget_limits: tuple[Cap, ...] = ()
    soft_budget: Decimal | None = None
    rpm_limit: int | None = None
    tpm_limit: int | None = None
    tpd_limit: int | None = None  # for batch jobs, which are not served: stored and shown
    max_parallel_requests: int | None = None
    model_max_budget: Mapping[str, ModelLimit] = {}
    temp_budget_increase: Decimal | None = None
    temp_budget_expiry: datetime | None = None
    mode: Mode = "strict"

    def caps(self, now: datetime) -> dict[str, Decimal]:
        """The USD allowed in each duration at a moment, with any temporary increase; the lowest counts.

        Durations are kept as they were written, and are told here by their canonical names.
        """
        found: dict[str, Decimal] = {}
        for cap in self._caps():
            amount = EXACT.add(cap.max_budget, self._increase(now))
            name = duration(cap.budget_duration) if cap.budget_duration else ""
            found[name] = min(amount, found.get(name, amount))
        return found

    def of_model(self, model: str) -> dict[str, ModelLimit]:
        """The limits that hold for a model, by the name or pattern they are set for."""
        return {name: limit for name, limit in self.model_max_budget.items() if fits(model, name)}

    @property
    def are_none(self) -> bool:
        """Whether nothing here can refuse a call."""
        parallel = self.max_parallel_requests is not None
        return not (self._caps() or self.model_max_budget or self.rates or parallel)

    @property
    def rates(self) -> bool:
        """Whether there is a limit by the minute."""
        return self.rpm_limit is not None or self.tpm_limit is not None

    def _caps(self) -> tuple[Cap, ...]:
        own = () if self.max_budget is None else (Cap(self.max_budget, self.budget_duration),)
        return own + self.budget_limits

    def _increase(self, now: datetime) -> Decimal:
        expired = self.temp_budget_expiry is not None and now >= self.temp_budget_expiry
        return ZERO if expired or self.temp_budget_increase is None else self.temp_budget_increase


def fits(model: str, pattern: str) -> bool:
    """Whether a model is one of those that a name or pattern means."""
    return model == pattern or fnmatchcase(model, pattern)


_encoder: Final = msgspec.json.Encoder(decimal_format="string")
_decoder: Final = msgspec.json.Decoder(Limits)


def dump_limits(limits: Limits) -> str:
    """Limits as the text that is stored, money with every digit."""
    return _encoder.encode(limits).decode()


def load_limits(text: str) -> Limits:
    """Limits from their stored text. Raises msgspec.ValidationError."""
    return _decoder.decode(text)
