"""Management's writes: what changes and the record of who changed it, in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tollgate.ids import new_request_id
from tollgate.money import dumps
from tollgate.storage.audit import AuditRecord, AuditTable
from tollgate.storage.aws import AwsError
from tollgate.storage.codec import Item
from tollgate.storage.database import Database, failed_conditions


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
    """Something was not as it was read; `items` is what stood there instead, by the action's position."""

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
        """Make up to 100 actions, records included, at once. Raises Overtaken, AwsError, AwsUnavailable."""
        records = [self._audit.record(_record(change, actor)) for change in changes]
        try:
            await self._database.transact([*actions, *records])
        except AwsError as error:
            if found := failed_conditions(error):
                raise Overtaken(found) from None
            raise


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
