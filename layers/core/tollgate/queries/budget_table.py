"""Limits in the shape of LiteLLM's budget table: a customer's own, a key's, or a tier's."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from tollgate import windows
from tollgate.days import day_of
from tollgate.limits import Limits, ModelLimit
from tollgate.storage.budgets import Budget


class Clock(NamedTuple):
    """A moment, and the zone in which a day is a day."""

    now: datetime
    zone_name: str


def budget_table(budget_id: str | None, limits: Limits, made: datetime, clock: Clock) -> dict[str, Any]:
    """LiteLLM's `litellm_budget_table`; `made` is when its customer, key or tier was made.

    Money is USD, exact; `budget_reset_at` is when the present window of `budget_duration` ends, None for a
    lifetime.
    """
    return {
        "budget_id": budget_id,
        "soft_budget": limits.soft_budget,
        "max_budget": limits.max_budget,
        "max_parallel_requests": limits.max_parallel_requests,
        "tpm_limit": limits.tpm_limit,
        "rpm_limit": limits.rpm_limit,
        "tpd_limit": limits.tpd_limit,
        "model_max_budget": _by_model(limits),
        "budget_duration": limits.budget_duration or None,
        "budget_limits": [_cap(cap.max_budget, cap.budget_duration) for cap in limits.budget_limits],
        "allowed_models": [],
        "temp_budget_increase": limits.temp_budget_increase,
        "temp_budget_expiry": text_of(limits.temp_budget_expiry),
        "mode": limits.mode,
        "budget_reset_at": text_of(_reset_at(limits.budget_duration, made, clock)),
        "created_at": text_of(made),
    }


def tier_table(tier: Budget | None, made: datetime, clock: Clock) -> dict[str, Any] | None:
    """The budget table of the tier that a customer or key, made then, is on; None without one."""
    if tier is None:
        return None
    shown = budget_table(tier.budget_id, tier.limits, made, clock)
    return shown | {"created_at": text_of(tier.created_at)}


def text_of(moment: datetime | None) -> str | None:
    """A moment as the API shows it: UTC, to the millisecond."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _reset_at(duration: str, made: datetime, clock: Clock) -> datetime | None:
    kind = windows.kind(duration, day_of(made, clock.zone_name))
    window = windows.window(kind, clock.now, clock.zone_name)
    return None if window.is_lifetime else window.end


def _by_model(limits: Limits) -> dict[str, Any] | None:
    return {name: _model(limit) for name, limit in limits.model_max_budget.items()} or None


def _model(limit: ModelLimit) -> dict[str, Any]:
    return {
        "max_budget": limit.max_budget,
        "budget_duration": limit.budget_duration or None,
        "tpm_limit": limit.tpm_limit,
        "rpm_limit": limit.rpm_limit,
    }


def _cap(amount: Decimal, duration: str) -> dict[str, Any]:
    return {"max_budget": amount, "budget_duration": duration or None}
