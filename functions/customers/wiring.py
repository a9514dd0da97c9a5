"""The customers of one request, put together of services and settings."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import cache
from typing import TypeVar

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from tollgate import rest
from tollgate.admission.history import History
from tollgate.admission.policy import Policies, Stores
from tollgate.management.audited import Actor, Audited
from tollgate.management.customers import Customers
from tollgate.management.steps import Steps
from tollgate.models import load_models
from tollgate.queries.balances import Balances
from tollgate.queries.budget_table import Clock
from tollgate.queries.customer_info import CustomerInfo
from tollgate.queries.customer_list import CustomerList, ListParameters, Page
from tollgate.runtime import services
from tollgate.settings import limit_settings, proxy_settings, reporting_settings

T = TypeVar("T")


async def changing(app: APIGatewayRestResolver, change: Callable[[Customers], Awaitable[T]]) -> T:
    """What a change comes to, made by the caller of the route that is being served."""
    return await change(_customers(rest.actor_of(app)))


async def listing(asked: ListParameters) -> Page:
    """One page of customers. Raises InvalidQuery."""
    at = services()
    return await CustomerList(at.directory, at.customers, at.budgets, clock()).page(asked)


def asking() -> CustomerInfo:
    """What answers questions about one customer."""
    at, zone = services(), reporting_settings().reporting_timezone
    limits, stores = limit_settings(), Stores(at.customers, at.budgets, at.keys)
    history = History(at.counters, at.ledger, zone)
    balances = Balances(history, limits.reconcile_open_after_seconds, zone)
    return CustomerInfo(stores, Policies(stores, limits, zone), balances)


def clock() -> Clock:
    """Now, in the reporting time zone."""
    return Clock(datetime.now(UTC), reporting_settings().reporting_timezone)


def _customers(actor: Actor) -> Customers:
    at, now = services(), clock()
    return Customers(
        Steps(at.customers, now), at.budgets, Audited(at.database, at.audit), cache(_serves(now)), actor
    )


def _serves(now: Clock) -> Callable[[str], bool]:
    """Whether a model can be asked for; the models are read when the first is asked about."""
    return lambda name: load_models(proxy_settings().models_file).serves(name, now.now)
