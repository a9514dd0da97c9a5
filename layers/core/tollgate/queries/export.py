"""Usage as flat rows to download: by day or hour and customer, and by key, model or user (reference 3.3)."""

from collections.abc import Callable
from decimal import localcontext
from typing import Any, Final, Literal, NamedTuple

from tollgate.days import days_between
from tollgate.money import EXACT
from tollgate.queries.breakdown import NAMELESS, Names, Share, entity
from tollgate.queries.formats import View
from tollgate.queries.metrics import spend_metrics
from tollgate.queries.names import NameTables
from tollgate.queries.question import Question, Selection
from tollgate.queries.reading import Reading, Source
from tollgate.queries.sums_by import key_of, model_of
from tollgate.storage.counter_keys import Dims
from tollgate.storage.sums import Sums, collect

ExportType = Literal["daily", "daily_with_keys", "daily_with_models", "daily_with_users", "hourly"]
_NUMBERS: Final = (
    "spend",
    "flat_cost",
    "prompt_tokens",
    "completion_tokens",
    "api_requests",
    "successful_requests",
    "failed_requests",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
)


class _Kind(NamedTuple):
    """What the rows of an export are told apart by beside customer and day, and the columns that say so."""

    name: Callable[[Dims], str] | None = None
    columns: tuple[str, ...] = ()
    label: str = "date"


_KINDS: Final[dict[ExportType, _Kind]] = {
    "daily": _Kind(),
    "daily_with_keys": _Kind(key_of, ("api_key", "key_alias")),
    "daily_with_models": _Kind(model_of, ("model",)),
    "daily_with_users": _Kind(None, ("user_id", "user_email")),  # of keys' owners, whom keys here do not have
    "hourly": _Kind(label="hour"),
}


class ExportParameters(Selection):
    """The query string of an export."""

    export_type: ExportType = "daily"


class _Row(NamedTuple):
    label: str
    customer_id: str
    name: str


async def export(asked: Question, kind: ExportType, source: Source, names: NameTables) -> View:
    """An export, the first day first; `entity_alias` is filled in, which LiteLLM leaves empty.

    Raises InvalidQuery, AwsError, AwsUnavailable.
    """
    reading = Reading(source, asked, hourly=kind == "hourly")
    shape = _KINDS[kind]
    by_key = "api_key" in shape.columns
    shares = _shares(reading, asked, shape)
    sums = _added(await (names.beside(shares) if by_key else shares), shape)
    keys = {row.name for row in sums} if by_key else set()
    told = await names.of({row.customer_id for row in sums}, keys)
    columns = (shape.label, "entity_id", "entity_alias", *shape.columns, *_NUMBERS)
    rows = [_shown(row, sums[row], shape, columns, told) for row in sorted(sums)]
    filename = f"customer-usage-{asked.start}-{asked.end}-{kind}"
    return View(rows, columns, rows, reading.calendar.zone_name, filename)


async def _shares(reading: Reading, asked: Question, shape: _Kind) -> list[Share]:
    if asked.customers is not None:
        return await reading.shares(asked.customers)
    days = days_between(asked.start, asked.end)
    if shape.name is None and not asked.by_dims and reading.calendar.info is None:
        return await reading.day_sums(days)
    return await reading.shares(await reading.active(days))


def _added(shares: list[Share], shape: _Kind) -> dict[_Row, Sums]:
    found: dict[_Row, Sums] = {}
    with localcontext(EXACT):
        for customer_id, counter in shares:
            name = shape.name(counter.dims) if shape.name and counter.dims else ""
            collect(found.setdefault(_Row(counter.label, customer_id, name), {}), counter.sums)
    return found


def _shown(row: _Row, sums: Sums, shape: _Kind, columns: tuple[str, ...], names: Names) -> dict[str, Any]:
    cells: dict[str, Any] = {
        shape.label: row.label,
        "entity_id": entity(row.customer_id),
        "entity_alias": names.customers.get(row.customer_id),
        "api_key": row.name,
        "model": row.name,
        "key_alias": names.keys.get(row.name, NAMELESS)["key_alias"],
        **spend_metrics(sums),
    }
    return {column: cells.get(column) for column in columns}
