"""What the benchmark of queries asks of seeded traffic."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from bench.asked import Asked
from bench.seeded import Store, first_day, last_day
from tollgate.money import loads

_DAY, _MONTH, _QUARTER, _YEAR = 1, 30, 90, 365  # days
_LISTED: Final = "/customer/list"
_DAILY: Final = "/customer/daily/activity"
_SERIES: Final = "/customer/activity/series"
_BOARD: Final = "/customer/leaderboard"
_LOGS: Final = "/spend/logs/v2"
_ONE_PAGE: Final = {"page_size": "400"}


class Question(NamedTuple):
    """A query, and the most round trips in sequence and read units it should take; 0 is no goal."""

    name: str
    path: str
    parameters: Mapping[str, str]
    trips: int = 0
    units: int = 0
    second_page: bool = False


def questions(store: Store, asked: Asked) -> Iterator[Question]:
    """Every query; `asked` says what there is to ask about."""
    yield from _of_days(store)
    yield from _of_customers(store)
    yield from _of_charts(store)
    yield from _of_boards(store)
    yield from _of_logs(store, asked)


def _of_days(store: Store) -> Iterator[Question]:
    of_daily = {"end_user_ids": store.daily.customer_id}
    of_largest = {"end_user_ids": store.largest.customer_id}
    quarter = _range(store, _QUARTER)
    yield Question("one customer, 365 days", _DAILY, _range(store, _YEAR) | of_daily | _ONE_PAGE, 1, 30)
    yield Question("the largest customer, 90 days", _DAILY, quarter | of_largest | _ONE_PAGE, 1)
    yield Question("everybody, 1 day", _DAILY, _range(store, _DAY))
    page = quarter | {"page_size": "1"}
    yield Question("everybody, 90 days, a page of 1 day, each customer told apart", _DAILY, page)
    yield Question("the same, entity_limit=50", _DAILY, page | {"entity_limit": "50"})
    yield Question("everybody's models, 90 days", "/global/spend/models", quarter, 2)


def _of_customers(store: Store) -> Iterator[Question]:
    rare = store.largest.customer_id[2:-2]
    largest = {"search": store.largest.customer_id, "match": "prefix"}
    begins = {"search": "anna", "match": "prefix"}
    yield Question(
        "one customer's limits and spend", "/customer/info", {"end_user_id": store.daily.customer_id}
    )
    yield Question("customers, first page", _LISTED, {}, 2)
    yield Question("customers, second page by cursor", _LISTED, {}, 2, second_page=True)
    yield Question("search by prefix", _LISTED, begins, 2)
    yield Question("its second page", _LISTED, begins, 2, second_page=True)
    yield Question("search by prefix, one match", _LISTED, largest, 2)
    yield Question("search within, many matches", _LISTED, {"search": "berg"}, 2)
    yield Question("its second page", _LISTED, {"search": "berg"}, 2, second_page=True)
    yield Question("search within, one match", _LISTED, {"search": rare}, 2)


def _of_charts(store: Store) -> Iterator[Question]:
    month = _range(store, _MONTH)
    yield Question("series by model, 30 days", _SERIES, month, 2)
    yield Question("the same against the 30 days before", _SERIES, month | {"compare": "previous"}, 2)
    yield Question("the same of one model", _SERIES, month | {"model": "gpt-4o-mini"}, 2)
    yield Question("series by customer, 30 days", _SERIES, month | {"group_by": "customer"})
    yield Question(
        "series of one customer, 30 days", _SERIES, month | {"end_user_ids": store.largest.customer_id}, 2
    )
    yield Question("series by hour, 7 days", _SERIES, _range(store, 7) | {"interval": "hour"}, 2)


def _of_boards(store: Store) -> Iterator[Question]:
    month = _range(store, _MONTH)
    yield Question("top 50 by spend, 30 days", _BOARD, month, 3, 4000)
    yield Question("its second page", _BOARD, month, second_page=True)
    yield Question("top 50, a whole month", _BOARD, _last_month(store), 3, 4000)
    yield Question("top 50, the later and earlier half of two months", _BOARD, _two_halves(store), 3)
    yield Question("top 50 by growth", _BOARD, month | {"by": "growth"})
    yield Question(
        "top 50 of one model, entity_limit=50", _BOARD, month | {"model": "gpt-4o-mini", "entity_limit": "50"}
    )
    yield Question("compare with the 30 days before", "/customer/compare", month)
    yield Question("forecast of the 50 largest", "/customer/forecast", {})


def _of_logs(store: Store, asked: Asked) -> Iterator[Question]:
    day = _range(store, _DAY)
    yield Question("spend logs of a day, first page", _LOGS, day, 2)
    yield Question("its second page by cursor", _LOGS, day, 2, second_page=True)
    yield Question("of one customer", _LOGS, day | {"end_user": store.largest.customer_id}, 2)
    yield Question("of one model", _LOGS, day | {"model": "gpt-4o-mini"})
    found: Any = loads(asked.get(_LOGS, day | {"page_size": "1"}).body)
    for entry in found["data"]:
        yield Question("one call", f"/spend/logs/{entry['request_id']}", {}, 1)
    since = str(loads(asked.get(_LOGS, {"since": "now"}).body)["next_since"])
    yield Question("live tail", _LOGS, {"since": since}, 2)


def _last_month(store: Store) -> dict[str, str]:
    end = store.plan.until.replace(day=1) - timedelta(days=1)
    return {"start_date": end.replace(day=1).isoformat(), "end_date": end.isoformat()}


def _two_halves(store: Store) -> dict[str, str]:
    """The range that months' sums help least with."""
    end = (store.plan.until.replace(day=1) - timedelta(days=1)).replace(day=15)
    return {"start_date": (end - timedelta(days=_MONTH - 1)).isoformat(), "end_date": end.isoformat()}


def _range(store: Store, days: int) -> dict[str, str]:
    return {"start_date": first_day(store.plan, days), "end_date": last_day(store.plan)}
