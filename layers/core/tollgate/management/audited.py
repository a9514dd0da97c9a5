"""Management's writes: what changes and the record of who changed it, in one transaction."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeVar

from tollgate.errors import Conflict
from tollgate.ids import new_request_id
from tollgate.money import dumps
from tollgate.storage.audit import AuditRecord, AuditTable
from tollgate.storage.aws import AwsError
from tollgate.storage.codec import Item
from tollgate.storage.database import Database, collided, failed_conditions

T = TypeVar("T")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TRIES: Final = 12
_LONGEST_PAUSE: Final = 0.4  # seconds


class Actor(NamedTuple):
    """Who asks for a change, by key id, and from which address."""

    key_id: str
    source: str


class Change(NamedTuple):
    """One object's change, such as customer.update; `before` and `after` as the API shows them."""

    action: str
    object_id: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


class Overtaken(Exception):
    """Something was not as it was read; `items` is what stood there instead, by the action's position.

    Without any, another write to the same item was under way.
    """

    def __init__(self, items: Mapping[int, Item]) -> None:
        super().__init__("a conditional write found another item")
        self.items = items


class Audited:
    """Writes that leave a record: both are made, or neither."""

    def __init__(self, database: Database, audit: AuditTable) -> None:
        self._database = database
        self._audit = audit

    async def write(
        self, actions: Sequence[Mapping[str, Any]], changes: Sequence[Change], actor: Actor
    ) -> None:
        """Make up to 100 actions, records included, at once. Raises Overtaken, AwsError, AwsUnavailable.

        Asked again because its answer was lost, the store makes them once.
        """
        records = [_record(change, actor) for change in changes]
        written = [self._audit.record(record) for record in records]
        try:
            await self._database.transact([*actions, *written], token=records[0].audit_id)
        except AwsError as error:
            found = failed_conditions(error)
            if found or collided(error):
                raise Overtaken(found) from None
            raise


async def persistently(attempt: Callable[[], Awaitable[T]]) -> T:
    """What an attempt to read, decide and write comes to; made again when overtaken. Raises Conflict."""
    for n in range(_TRIES):
        try:
            return await attempt()
        except Overtaken:
            longest = min(_LONGEST_PAUSE, 0.01 * 2**n)
            await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - jitter
    raise Conflict("Others keep changing this. Nothing was changed: try again.")


def _record(change: Change, actor: Actor) -> AuditRecord:
    return AuditRecord(
        audit_id=new_request_id(),
        action=change.action,
        object_type=change.action.partition(".")[0],
        object_id=change.object_id,
        changed_by=actor.key_id,
        source=actor.source,
        before=_text(change.before),
        after=_text(change.after),
    )


def _text(shown: Mapping[str, Any] | None) -> str:
    return "" if shown is None else dumps(shown).decode()
