"""What the routes of usage are made of: the app, who may see what, and where answers come from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

from aws_lambda_powertools.event_handler import Response

from tollgate import rest
from tollgate.admission.policy import Policies, Stores
from tollgate.queries.calendar import Reporting
from tollgate.queries.forecast import Known
from tollgate.queries.formats import CSV, JSON, Formatted, View
from tollgate.queries.names import NameTables
from tollgate.queries.question import Question, within
from tollgate.queries.ranking import Rankings
from tollgate.queries.reading import Reading, Source
from tollgate.queries.standings import Selected
from tollgate.queries.totals import Totals
from tollgate.runtime import Services, services
from tollgate.settings import limit_settings, reporting_settings, storage_settings

R = TypeVar("R")

app = rest.api()
everybody = rest.Named(app)
customer = rest.Named(app, ("/customer", "/end_user"))


@dataclass(frozen=True, slots=True)
class Parts:
    """What queries read."""

    source: Source
    rankings: Rankings
    names: NameTables

    def reading(self, asked: Question) -> Reading:
        """A question's counters."""
        return Reading(self.source, asked)

    def selected(self, asked: Question) -> Selected:
        """A question's customers."""
        return Selected(self.source, asked, self.rankings)


def parts() -> Parts:
    """The parts, on the running loop; what was read is remembered between calls."""
    at = services()
    source = Source(at.counters, _totals(at), reporting())
    return Parts(source, _rankings(at), _names(at))


def reporting() -> Reporting:
    """What a day is, now."""
    kept = timedelta(days=storage_settings().hourly_retention_days)
    return Reporting(datetime.now(UTC), reporting_settings().reporting_timezone, kept)


def known() -> Known:
    """Customers and the limits that hold for them, as admission finds both."""
    at, limits = services(), limit_settings()
    stores = Stores(at.customers, at.budgets, at.keys)
    policies = Policies(stores, limits, reporting_settings().reporting_timezone)
    return Known(at.customers, policies, limits.reconcile_open_after_seconds)


def visible(asked: Question) -> Question:
    """The part of a question that the caller may ask. Raises NotAllowed when it names others' customers."""
    return within(asked, readable())


def readable() -> frozenset[str] | None:
    """The customers whose usage the caller may read, None for everybody's."""
    return rest.caller_of(app).readable


def show(view: View, asked: Formatted) -> Response[str]:
    """A view in the format asked for."""
    return rest.show(app, view, asked.format)


def view(about: str) -> dict[str, Any]:
    """What OpenAPI is told of a route that answers with a view."""
    found = rest.responses(about)
    found[200] = {
        "description": about,
        "content": {JSON: {"schema": {}}, CSV: {"schema": {"type": "string"}}},
    }
    found[304] = {"description": "Not Modified: the client has it already", "content": {}}
    return {"responses": found}


def viewing(named: rest.Named, path: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Serve a view at GET path; OpenAPI says of it what its docstring does."""

    def serve(route: Callable[..., R]) -> Callable[..., R]:
        named.get(path, **view(str(route.__doc__)))(route)  # type: ignore[arg-type]  # R is a response
        return route

    return serve


@lru_cache(maxsize=1)
def _rankings(used: Services) -> Rankings:
    return Rankings(used.counters)


@lru_cache(maxsize=1)
def _totals(used: Services) -> Totals:
    return Totals(used.counters)


@lru_cache(maxsize=1)
def _names(used: Services) -> NameTables:
    return NameTables(used.customers, used.keys)
