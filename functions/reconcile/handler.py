"""Housekeeping on a schedule: `{}` sweeps; `{"compare": true}` also proves that counters and ledger agree."""

from typing import Any

from tollgate import observability
from tollgate.admission.rescue import Rescue
from tollgate.drift import DriftCheck
from tollgate.models import load_models
from tollgate.reconcile import Books, Reconcile
from tollgate.recorder import counting
from tollgate.runtime import run, services
from tollgate.settings import proxy_settings, reconcile_settings, reporting_settings, storage_settings
from tollgate.storage.accounts import Accounts
from tollgate.storage.checkpoints import Checkpoints
from tollgate.sweeping import Sweeping


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answers what was closed, counted, replayed, failed and left, and the drift by day when compared."""
    return run(_reconcile(compare=event.get("compare") is True))


async def _reconcile(*, compare: bool) -> dict[str, Any]:
    report: dict[str, Any] = (await _housekeeper().sweep()).as_dict()
    if compare:
        aws = services()
        zone = reporting_settings().reporting_timezone
        report["drift"] = await DriftCheck(aws.ledger, aws.counters, aws.tags).recent(zone)
    observability.logger.info("reconciled", extra=report)
    return report


def _housekeeper() -> Reconcile:
    aws, names = services(), storage_settings()
    checkpoints = Checkpoints(aws.database, names.counters_table)
    books = Books(
        ledger=aws.ledger,
        counting=counting(),
        checkpoints=checkpoints,
        dead_letters=aws.dead_letters,
        queue_url=names.dead_letter_queue_url,
        sweeping=_sweeping(checkpoints),
    )
    return Reconcile(books, load_models(proxy_settings().models_file), reconcile_settings())


def _sweeping(checkpoints: Checkpoints) -> Sweeping:
    aws, accounts = services(), Accounts(services().database)
    zone, seconds = reporting_settings().reporting_timezone, reconcile_settings().reconcile_open_after_seconds
    rescue = Rescue(accounts, aws.ledger, seconds, zone)
    return Sweeping(accounts, rescue, checkpoints, (aws.customers.account(""), aws.keys.account("")))
