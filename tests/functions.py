"""The Lambda functions, called in this process as Lambda calls them, under a deployment's variables."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from local import event_filter, template
from reconcile.handler import handler as reconcile_handler
from record_spend.handler import handler as record_spend_handler
from tests.ministack import Deployment
from tests.processes import eventually
from tests.truth import ledger_rows
from tollgate import runtime, settings

Record = Mapping[str, Any]
_REDELIVERIES: Final = 5


@contextmanager
def acting_as(environment: Mapping[str, str]) -> Iterator[None]:
    """The variables that handlers read, and none of what they remember of others."""
    with patch.dict(os.environ, environment):
        _forget()
        try:
            yield
        finally:
            runtime.run(runtime.close_services())
            _forget()


def for_recorder(records: Sequence[Record]) -> list[Record]:
    """The records that the recorder's filter in template.yaml lets through."""
    return passing("RecordSpendFunction", records)


def passing(function: str, records: Sequence[Record]) -> list[Record]:
    """The records that a function's stream mapping lets through."""
    mappings = template.read("").stream_mappings()
    mapping = next(one for one in mappings if one.function.endswith(function))
    return [record for record in records if event_filter.passes(mapping.patterns, record)]


def record(records: Sequence[Record]) -> list[str]:
    """One delivery to the recorder; the sequence numbers it wants again."""
    answer = record_spend_handler({"Records": list(records)}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def deliver(records: Sequence[Record]) -> None:
    """A batch as Lambda delivers it: again, from the first failure on, until none is left."""
    left = list(records)
    for _ in range(_REDELIVERIES):
        failed = set(record(left))
        if not failed:
            return
        first = next(n for n, one in enumerate(left) if one["dynamodb"]["SequenceNumber"] in failed)
        left = left[first:]
    raise AssertionError(f"{len(left)} records failed {_REDELIVERIES} times")


def reconcile(*, compare: bool = False) -> dict[str, Any]:
    """One run of the housekeeping; its report."""
    return reconcile_handler({"compare": compare}, None)


def settle(deployment: Deployment, *, within: float = 30) -> None:
    """Housekeeping, again and again, until every entry is closed and counted and no letter is left."""

    def settled() -> bool:
        reconcile()
        rows = ledger_rows(deployment.dynamodb, deployment.tables.ledger).values()
        return all(row.state == "closed" and not row.pending for row in rows) and not letters(deployment)

    eventually(settled, "every entry is closed and counted, every letter replayed", within=within)


def letters(deployment: Deployment) -> int:
    """How many messages the dead-letter queue holds, those hidden for the moment included."""
    asked = deployment.sqs.get_queue_attributes(QueueUrl=deployment.queue_url, AttributeNames=["All"])
    held = asked["Attributes"]
    visible = int(held["ApproximateNumberOfMessages"])
    return visible + int(held["ApproximateNumberOfMessagesNotVisible"])


def _forget() -> None:
    for name in dir(settings):
        if name.endswith("_settings"):
            getattr(settings, name).cache_clear()
