"""Sheets added up another way: by key, model, provider or day, the largest spend first."""

from collections.abc import Callable, Mapping
from decimal import localcontext

from tollgate.money import EXACT, ZERO
from tollgate.queries.breakdown import NO_KEY, DaySums, Sheet, added_up
from tollgate.storage.counter_keys import Dims
from tollgate.storage.sums import Sums, collect

Names = Callable[[Dims], str]


def by(found: Sheet, name: Names) -> dict[str, Sums]:
    """The sums of all days by what dims are called, the largest spend first, equals by name."""
    sums_of: dict[str, Sums] = {}
    with localcontext(EXACT):
        for of_day in found.values():
            for dims, sums in of_day.items():
                collect(sums_of.setdefault(name(dims), {}), sums)
    return largest_first(sums_of)


def by_day(found: Sheet) -> dict[str, Sums]:
    """The sums of each day that has any, the first day first."""
    return {day: added_up(of_day.values()) for day, of_day in sorted(found.items())}


def largest_first(sums_of: Mapping[str, Sums]) -> dict[str, Sums]:
    """The same in the order of spend, equals by name."""
    order = sorted(sums_of, key=lambda name: (-sums_of[name].get("charge", ZERO), name))
    return {name: sums_of[name] for name in order}


def only(found: Sheet, wanted: Callable[[Dims], bool]) -> Sheet:
    """The part of a sheet that has some dims."""
    kept: Mapping[str, DaySums] = {
        day: {dims: sums for dims, sums in of_day.items() if wanted(dims)} for day, of_day in found.items()
    }
    return {day: of_day for day, of_day in kept.items() if of_day}


def key_of(dims: Dims) -> str:
    """The key's id, or LiteLLM's word for none."""
    return dims.key_id or NO_KEY


def model_of(dims: Dims) -> str:
    """The model as the provider calls it, or LiteLLM's word for none."""
    return dims.model or "unknown-model"


def group_of(dims: Dims) -> str:
    """The model as clients call it, or LiteLLM's word for none."""
    return dims.model_group or "unknown-model-group"


def provider_of(dims: Dims) -> str:
    """The provider, or LiteLLM's word for none."""
    return dims.provider or "unknown"


def endpoint_of(dims: Dims) -> str:
    """The endpoint, or LiteLLM's word for none."""
    return dims.endpoint or "unknown"
