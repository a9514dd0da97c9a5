"""Spend of everybody in LiteLLM's shapes (reference 4.3): in all, by day, key, model, provider and customer.

Without dates the range is the last 30 days, as in LiteLLM's views.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Annotated, Any, Final

from pydantic import Field

from tollgate.money import ZERO
from tollgate.queries.boards import Board
from tollgate.queries.breakdown import NAMELESS, Sheet, entity, grand_total
from tollgate.queries.calendar import Reporting
from tollgate.queries.formats import View
from tollgate.queries.names import NameTables
from tollgate.queries.question import Selection
from tollgate.queries.sums_by import by, by_day, key_of, model_of, provider_of
from tollgate.storage.counter_keys import Dims
from tollgate.storage.sums import Sums

_VIEW: Final = timedelta(days=29)  # and today


class GlobalParameters(Selection):
    """The query string of views that have a default range, and are of one customer if it is named."""

    customer_id: str = ""


class LimitedParameters(GlobalParameters):
    """The query string of top lists."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 10


def in_range(asked: GlobalParameters, at: Reporting) -> Selection:
    """The selection of a view: dates as given or the last 30 days, `customer_id` as a list of one."""
    found: dict[str, Any] = {}
    if not (asked.start_date or asked.end_date):
        found |= {"start_date": (at.today - _VIEW).isoformat(), "end_date": at.today.isoformat()}
    if asked.customer_id:
        quoted = asked.customer_id.replace('"', '""')
        found["end_user_ids"] = [*asked.end_user_ids, f'"{quoted}"']
    return asked.model_copy(update=found)


def whole(found: Sheet, zone: str) -> View:
    """`/global/spend`."""
    body = {"spend": _spend(grand_total(found)), "max_budget": None}
    return View(body, tuple(body), [body], zone)


def by_date(found: Sheet, zone: str) -> View:
    """`/global/spend/logs`."""
    return _list([{"date": day, "spend": _spend(sums)} for day, sums in by_day(found).items()], zone)


async def keys(found: Sheet, zone: str, limit: int | None, names: NameTables) -> View:
    """`/global/spend/keys`."""
    top = _top(found, key_of, limit)
    metadata = await names.keys(top)
    rows = [
        {
            "api_key": key,
            "key_alias": metadata.get(key, NAMELESS)["key_alias"],
            "key_name": None,
            "total_spend": _spend(sums),
        }
        for key, sums in top.items()
    ]
    return _list(rows, zone, ("api_key", "key_alias", "key_name", "total_spend"))


def models(found: Sheet, zone: str, limit: int) -> View:
    """`/global/spend/models`."""
    top = _top(found, model_of, limit)
    return _list([{"model": name, "total_spend": _spend(sums)} for name, sums in top.items()], zone)


def providers(found: Sheet, zone: str) -> View:
    """`/global/spend/provider`."""
    top = _top(found, provider_of, None)
    return _list([{"provider": name, "spend": _spend(sums)} for name, sums in top.items()], zone)


def end_users(found: Board, zone: str, limit: int) -> View:
    """`/global/spend/end_users`."""
    rows = [
        {
            "end_user": entity(one),
            "total_count": found.standings[one].get("api_requests", 0),
            "total_spend": _spend(found.standings[one]),
        }
        for one in found.ranks("spend").order[:limit]
    ]
    return _list(rows, zone, ("end_user", "total_count", "total_spend"))


async def keys_by_spend(found: Sheet, zone: str, names: NameTables) -> View:
    """`/spend/keys`: the keys with calls in the range, as LiteLLM's rows of keys."""
    top = _top(found, key_of, None)
    metadata = await names.keys(top)
    rows = [
        {"token": key, "key_alias": metadata.get(key, NAMELESS)["key_alias"], "spend": _spend(sums)}
        for key, sums in top.items()
    ]
    return _list(rows, zone, ("token", "key_alias", "spend"))


async def users_by_spend(found: Board, zone: str, limit: int, names: NameTables) -> View:
    """`/spend/users`: there are no users here but customers."""
    order = found.ranks("spend").order[:limit]
    aliases = await names.aliases(order)
    rows = [
        {"user_id": one, "user_alias": aliases.get(one), "spend": _spend(found.standings[one])}
        for one in order
    ]
    return _list(rows, zone, ("user_id", "user_alias", "spend"))


def _top(found: Sheet, name: Callable[[Dims], str], limit: int | None) -> dict[str, Sums]:
    return dict(islice(by(found, name).items(), limit))


def _spend(sums: Mapping[str, Any]) -> Any:
    return sums.get("charge", ZERO)


def _list(rows: Sequence[Mapping[str, Any]], zone: str, columns: tuple[str, ...] = ()) -> View:
    return View(rows, columns or (tuple(rows[0]) if rows else ()), rows, zone)
