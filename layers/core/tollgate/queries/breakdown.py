"""Counters into LiteLLM's daily activity: each day's sums, broken down. Pure, and exact or refused."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import localcontext
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from tollgate.money import EXACT
from tollgate.queries.metrics import spend_metrics
from tollgate.queries.question import UNASSIGNED
from tollgate.storage.counter_keys import Dims
from tollgate.storage.counters import Counter
from tollgate.storage.sums import Sums, collect

DaySums = dict[Dims, Sums]
Sheet = dict[str, DaySums]  # by day

# Everybody and every key that is not told apart; no id has a blank in front.
OTHERS: Final = " Others"

# LiteLLM's map, our dim, and LiteLLM's name for a value that is not known.
_DIMS: Final = (
    ("models", "model", "unknown-model"),
    ("model_groups", "model_group", "unknown-model-group"),
    ("providers", "provider", "unknown"),
    ("endpoints", "endpoint", "unknown"),
)
NO_KEY: Final = "unattributed"
NAMELESS: Final = dict.fromkeys(("key_alias", "team_id", "user_id", "user_email", "key_exists"))
KeyNames = Mapping[str, Mapping[str, Any]]  # LiteLLM's KeyMetadata by key id


class Names(NamedTuple):
    """What customers and keys are called: aliases by customer id, metadata by key id."""

    customers: Mapping[str, str | None] = MappingProxyType({})
    keys: KeyNames = MappingProxyType({})


class Share(NamedTuple):
    """A customer's part of a day: a counter whose label is the day; without dims it is the sum over them."""

    customer_id: str
    counter: Counter


class _Part(NamedTuple):
    name: str
    key: str | None
    sums: Sums


def sheet(counters: Iterable[Counter]) -> Sheet:
    """Daily counters, each with its dims, added up by day and dims."""
    found: Sheet = {}
    with localcontext(EXACT):
        for counter in counters:
            if counter.dims is not None:
                collect(found.setdefault(counter.label, {}).setdefault(counter.dims, {}), counter.sums)
    return found


def relabelled(found: Sheet, label: Callable[[str], str]) -> Sheet:
    """A sheet whose days or hours are called another way; those that are called the same are added up."""
    moved: Sheet = {}
    with localcontext(EXACT):
        for old, of_day in found.items():
            into = moved.setdefault(label(old), {})
            for dims, sums in of_day.items():
                collect(into.setdefault(dims, {}), sums)
    return moved


def less(whole: Sheet, part: Sheet) -> Sheet:
    """A sheet without a part of it, which may know of calls that the whole does not: nothing is negative."""
    with localcontext(EXACT):
        rest = {day: _less(of_day, part.get(day, {})) for day, of_day in whole.items()}
    return {day: of_day for day, of_day in rest.items() if of_day}


def grand_total(found: Sheet) -> Sums:
    """The sum of everything in a sheet."""
    with localcontext(EXACT):
        return added_up(sums for of_day in found.values() for sums in of_day.values())


def day_result(day: str, of_day: DaySums, shares: Iterable[Share], names: Names) -> dict[str, Any]:
    """One element of LiteLLM's `results`; `shares` are those of the day."""
    aliases = {entity(one): alias for one, alias in names.customers.items()}
    with localcontext(EXACT):
        return {
            "date": day,
            "metrics": spend_metrics(added_up(of_day.values())),
            "breakdown": {
                "mcp_servers": {},
                **{name: _map(_by_dim(of_day, dim, unknown), names.keys) for name, dim, unknown in _DIMS},
                "api_keys": _keys(((_key(dims), sums) for dims, sums in of_day.items()), names.keys),
                "entities": _map(_by_customer(shares), names.keys, aliases),
                "guardrails": {},
            },
        }


def entity(customer_id: str) -> str:
    """A customer's name in `entities`: the id, or Unassigned for the calls that named nobody.

    A customer who is really called Unassigned has a blank in front here, which no id has: ids are trimmed.
    """
    return f" {UNASSIGNED}" if customer_id == UNASSIGNED else customer_id or UNASSIGNED


def _by_dim(of_day: DaySums, dim: str, unknown: str) -> Iterator[_Part]:
    for dims, sums in of_day.items():
        yield _Part(getattr(dims, dim) or unknown, _key(dims), sums)


def _by_customer(shares: Iterable[Share]) -> Iterator[_Part]:
    for customer_id, counter in shares:
        yield _Part(entity(customer_id), counter.dims and _key(counter.dims), counter.sums)


def _key(dims: Dims) -> str:
    return dims.key_id or NO_KEY


def _map(
    parts: Iterable[_Part], keys: KeyNames, aliases: Mapping[str, str | None] | None = None
) -> dict[str, Any]:
    by_name: dict[str, list[_Part]] = {}
    for part in parts:
        by_name.setdefault(part.name, []).append(part)
    return {
        name: {
            "metrics": spend_metrics(added_up(part.sums for part in of_name)),
            "metadata": {} if aliases is None else {"alias": aliases.get(name)},
            "api_key_breakdown": _keys(((p.key, p.sums) for p in of_name if p.key is not None), keys),
        }
        for name, of_name in by_name.items()
    }


def _keys(parts: Iterable[tuple[str, Sums]], names: KeyNames) -> dict[str, Any]:
    by_key: dict[str, Sums] = {}
    for key, sums in parts:
        collect(by_key.setdefault(key, {}), sums)
    return {
        key: {"metrics": spend_metrics(sums), "metadata": names.get(key, NAMELESS)}
        for key, sums in by_key.items()
    }


def added_up(parts: Iterable[Sums]) -> Sums:
    """The sum of sums."""
    found: Sums = {}
    for part in parts:
        collect(found, part)
    return found


def _less(whole: DaySums, part: DaySums) -> DaySums:
    rest = {dims: _positive(sums, part.get(dims, {})) for dims, sums in whole.items()}
    return {dims: sums for dims, sums in rest.items() if any(sums.values())}


def _positive(whole: Sums, part: Sums) -> Sums:
    left = {name: value - part.get(name, 0) for name, value in whole.items()}
    return {name: max(value, value - value) for name, value in left.items()}
