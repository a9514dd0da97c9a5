"""The limit fields of customers, tiers and keys as the API takes them, and what they make of limits.

Only the fields that a body names are changed: null clears, 0 is a limit.
`queries/budget_table.py` shows them.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from pydantic import BaseModel, BeforeValidator, Field

from tollgate.limits import Cap, Limits, Mode, ModelLimit
from tollgate.management.limit_values import Amount, Count, Duration, Instant, ModelName, Money

_MOST_WINDOWS: Final = 8  # each is a condition of the one write that admits a call
_MOST_MODELS: Final = 20  # all of them may fit one model: an expression of DynamoDB has 4 kB
_CLEARED: Final = Limits()


def _of_null(empty: Any) -> BeforeValidator:
    """Null clears a list, an object or a mode."""
    return BeforeValidator(lambda value: empty if value is None else value)


class CapFields(BaseModel):
    """One window more: at most so many USD in every `budget_duration`; without one, in a lifetime."""

    max_budget: Amount
    budget_duration: Duration = ""

    def limit(self) -> Cap:
        """The cap it stands for."""
        return Cap(self.max_budget, self.budget_duration)


class ModelLimitFields(BaseModel):
    """Limits of one model, or of all that fit a pattern."""

    max_budget: Money = None
    budget_duration: Duration = ""
    tpm_limit: Count = None
    rpm_limit: Count = None

    def limit(self) -> ModelLimit:
        """The model's limits they stand for."""
        return ModelLimit(self.max_budget, self.budget_duration, self.tpm_limit, self.rpm_limit)


class LimitFields(BaseModel):
    """LiteLLM's budget fields, with several windows at once (`budget_limits`) and a mode.

    `budget_reset_at` is accepted and not kept: windows follow the calendar.
    """

    max_budget: Money = None
    budget_duration: Duration = ""
    budget_limits: Annotated[
        Annotated[tuple[CapFields, ...], Field(max_length=_MOST_WINDOWS)], _of_null(())
    ] = ()
    soft_budget: Money = None
    rpm_limit: Count = None
    tpm_limit: Count = None
    tpd_limit: Count = None
    max_parallel_requests: Count = None
    model_max_budget: Annotated[
        Annotated[dict[ModelName, ModelLimitFields], Field(max_length=_MOST_MODELS)], _of_null({})
    ] = {}
    temp_budget_increase: Money = None
    temp_budget_expiry: Instant = None
    mode: Annotated[Mode, _of_null("strict")] = "strict"
    budget_reset_at: Instant = None

    @property
    def named(self) -> Mapping[str, Any]:
        """The limits that the body names, as they are kept."""
        sent = self.model_fields_set & set(msgspec.structs.asdict(_CLEARED))
        return {name: _kept(getattr(self, name)) for name in sent}

    @property
    def sets_any(self) -> bool:
        """Whether the body sets a limit, and does not only clear some."""
        return any(value != getattr(_CLEARED, name) for name, value in self.named.items())

    def changed(self, limits: Limits | None) -> Limits | None:
        """Limits with what the body names changed; None when nothing is left of them."""
        found = msgspec.structs.replace(limits or _CLEARED, **self.named)
        return None if found == _CLEARED else found


def _kept(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(cap.limit() for cap in value)
    if isinstance(value, Mapping):
        return {name: one.limit() for name, one in value.items()}
    return value
