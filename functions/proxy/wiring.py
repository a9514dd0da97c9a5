"""The gateway of this process, put together on first use from settings and services."""

import asyncio
from typing import Final
from weakref import WeakKeyDictionary

from tollgate.admission.admission import Admission, Terms
from tollgate.admission.policy import Policies, Stores
from tollgate.gateway import Choices, Gateway, Parts
from tollgate.keys import Keys
from tollgate.ledger import Ledger
from tollgate.models import load_models
from tollgate.runtime import services
from tollgate.secret_values import Secrets
from tollgate.settings import (
    access_settings,
    customer_settings,
    limit_settings,
    proxy_settings,
    reporting_settings,
    storage_settings,
)
from tollgate.tally import RefusalTally
from tollgate.upstream.client import Upstream

_by_loop: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Gateway]] = WeakKeyDictionary()


async def gateway() -> Gateway:
    """The gateway of the running event loop, whose connections it keeps."""
    loop = asyncio.get_running_loop()
    if loop not in _by_loop:
        _by_loop[loop] = build()
    return _by_loop[loop]


async def close() -> None:
    """Write what the gateway of the running event loop, if there is one, has in memory only."""
    found = _by_loop.get(asyncio.get_running_loop())
    if found is not None:
        await found.close()


def build(upstream: Upstream | None = None) -> Gateway:
    """A gateway over the deployment's settings. Raises pydantic.ValidationError naming what is missing."""
    aws, proxy = services(), proxy_settings()
    secrets = Secrets(aws.secrets)
    reporting, limits = reporting_settings(), limit_settings()
    zone = reporting.reporting_timezone
    terms = Terms(zone, limits.reconcile_open_after_seconds, proxy.budget_exceeded_status)
    parts = Parts(
        keys=Keys(access_settings(), secrets, aws.keys, limits.policy_ttl_seconds),
        policies=Policies(Stores(aws.customers, aws.budgets, aws.keys), limits, zone),
        admission=Admission.over(aws.database, aws.counters, aws.ledger, terms),
        models=load_models(proxy.models_file),
        secrets=secrets,
        ledger=Ledger(aws.ledger, aws.dead_letters, storage_settings().dead_letter_queue_url),
        upstream=upstream or Upstream(proxy),
        refusals=RefusalTally(aws.refusals, zone),
    )
    return Gateway(parts, Choices(proxy, customer_settings(), reporting))
