"""The sums of a chart: what each series amounts to in each bucket. Pure, and exact or refused."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any, Final, NamedTuple

from tollgate.money import EXACT, ZERO
from tollgate.queries.boards import MEASURES, Measure, Ranks
from tollgate.queries.breakdown import OTHERS, Sheet, added_up
from tollgate.queries.metrics import spend_metrics
from tollgate.queries.question import tells_cost
from tollgate.records import USAGE_CLASSES, Usage
from tollgate.storage.counter_keys import Dims
from tollgate.storage.sums import Sums, collect

Row = dict[str, Sums]  # by bucket
Number = int | Decimal
Aliases = Mapping[str, str | None]  # by series

# What a series is told by, and of it what is told bucket by bucket.
METRICS: Final = (
    "spend",
    "api_requests",
    "successful_requests",
    "failed_requests",
    "total_tokens",
    "prompt_tokens",
    "completion_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "response_time_ms",
    "timed_requests",
)
_POINTS: Final = ("spend", "api_requests", "total_tokens")


class Part(NamedTuple):
    """A counter of a chart: the series and the day or hour that it is of, and its sums."""

    series: str
    label: str
    sums: Sums


def parts(found: Sheet, name: Callable[[Dims], str]) -> Iterable[Part]:
    """A sheet by what its dims are called."""
    for label, of_day in found.items():
        for dims, sums in of_day.items():
            yield Part(name(dims), label, sums)


def rows(found: Iterable[Part], bucket: Callable[[str], str]) -> dict[str, Row]:
    """Parts added up by series and bucket."""
    grid: dict[str, Row] = {}
    with localcontext(EXACT):
        for series, label, sums in found:
            collect(grid.setdefault(series, {}).setdefault(bucket(label), {}), sums)
    return grid


def told_apart(grid: Mapping[str, Row], limit: int, by: Measure) -> dict[str, Row]:
    """The series with the most, the largest first, equals by name; behind them all others as one."""
    of = {series: MEASURES[by](added_up(row.values())) for series, row in grid.items() if series != OTHERS}
    order = Ranks(of).order
    found = {series: grid[series] for series in order[:limit]}
    rest = [grid[series] for series in (*order[limit:], OTHERS) if series in grid]
    return found | ({OTHERS: together(rest)} if rest else {})


def together(of: Iterable[Row]) -> Row:
    """What rows amount to, bucket by bucket."""
    found: Row = {}
    with localcontext(EXACT):
        for row in of:
            for bucket, sums in row.items():
                collect(found.setdefault(bucket, {}), sums)
    return found


def shown(series: str, row: Row, labels: Sequence[str], names: Aliases) -> dict[str, Any]:
    """One series: its totals, and what is drawn of it."""
    points = [_points(row.get(label, {})) for label in labels]
    return {
        "id": series,
        "name": names.get(series),
        "other": series == OTHERS,
        "totals": metrics(added_up(row.values())),
        "points": {name: [point[name] for point in points] for name in _POINTS},
    }


def whole(row: Row, labels: Sequence[str], readable: frozenset[str] | None) -> dict[str, Any]:
    """Totals and points of everything, with each class of usage and, for who reads everybody's, its cost."""
    points = [_detailed(row.get(label, {}), readable) for label in labels]
    totals = _detailed(added_up(row.values()), readable)
    return {"totals": totals, "points": {name: [point[name] for point in points] for name in totals}}


def flat(grid: Mapping[str, Row], labels: Sequence[str], names: Aliases) -> list[dict[str, Any]]:
    """A row for each bucket and each series that has calls in it."""
    return [
        {"bucket": label, "id": series, "name": names.get(series), **metrics(row[label])}
        for label in labels
        for series, row in grid.items()
        if label in row
    ]


def metrics(sums: Sums) -> dict[str, Number]:
    """What a series is told by."""
    found: dict[str, Number] = spend_metrics(sums)
    found["response_time_ms"] = found["total_response_time_ms"]
    return {name: found[name] for name in METRICS}


def _points(sums: Sums) -> dict[str, Number]:
    usage = Usage.of(sums)  # type: ignore[arg-type]  # token classes are whole numbers
    tokens = usage.prompt_tokens + usage.completion_tokens
    return dict(zip(_POINTS, (sums.get("charge", ZERO), sums.get("api_requests", 0), tokens), strict=True))


def _detailed(sums: Sums, readable: frozenset[str] | None) -> dict[str, Number]:
    classes = {name: sums.get(name, 0) for name in USAGE_CLASSES}
    cost = {"cost": sums.get("cost", ZERO)} if tells_cost(readable) else {}
    return {**metrics(sums), **cost, **classes}
