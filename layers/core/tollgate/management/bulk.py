"""Making thousands of customers: in transactions of many at once, going on past those that cannot be made."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from tollgate.errors import AlreadyThere, Conflict, TollgateError
from tollgate.management.audited import Overtaken, persistently
from tollgate.management.customer_fields import MOST_AT_ONCE, CustomerFields
from tollgate.management.customers import Customers, unknown_tier
from tollgate.management.steps import Step
from tollgate.observability import logger
from tollgate.queries.parallel import each
from tollgate.storage.aws import AwsError, AwsUnavailable
from tollgate.storage.budgets import Budget

_SECONDS: Final = 20.0  # after which no transaction is begun: API Gateway waits 29 s for the report
_THERE: Final = "Customer already exists"


@dataclass(slots=True)
class Report:
    """What became of each row, by its number from 1 on."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def created(self, number: int, customer_id: str) -> None:
        """A customer that was made."""
        self.rows.append({"row": number, "user_id": customer_id, "status": "created"})

    def refused(self, number: int, customer_id: object, name: str | None, reason: str) -> None:
        """A row that was not, by the field at fault and the reason."""
        shown = customer_id if isinstance(customer_id, str) else None
        self.rows.append(
            {"row": number, "user_id": shown, "status": "error", "field": name, "reason": reason}
        )

    def as_dict(self) -> dict[str, Any]:
        """The report as the API shows it, in order of the rows."""
        made = sum(row["status"] == "created" for row in self.rows)
        rows = sorted(self.rows, key=lambda row: row["row"])
        return {"created": made, "failed": len(rows) - made, "rows": rows}


@dataclass(slots=True)
class Bulk:
    """One request's rows: first all are checked, then those that can be are written."""

    customers: Customers
    report: Report = field(default_factory=Report)

    async def create(self, rows: Sequence[Any]) -> dict[str, Any]:
        """Make what can be made, within Lambda's time; a report on every row."""
        until = asyncio.get_running_loop().time() + _SECONDS
        steps = await self._checked(rows)

        async def write(batch: dict[int, Step]) -> None:
            if asyncio.get_running_loop().time() < until:
                await self._write(batch)
            else:
                self._refuse(batch, "Not made, for lack of time: send this row again")

        await each(write, _batches(steps))
        return self.report.as_dict()

    async def _checked(self, rows: Sequence[Any]) -> dict[int, Step]:
        tiers = {tier.budget_id: tier async for tier in self.customers.budgets.all()}
        steps: dict[int, Step] = {}
        ids: set[str] = set()
        for number, row in enumerate(rows, start=1):
            try:
                steps[number] = self._step(_fields(row), tiers, ids)
            except (ValidationError, TollgateError) as error:
                given = row.get("user_id") if isinstance(row, Mapping) else None
                self.report.refused(number, given, *_fault(error))
        return steps

    def _step(self, fields: CustomerFields, tiers: Mapping[str, Budget], ids: set[str]) -> Step:
        if fields.user_id in ids:
            raise AlreadyThere("The id stands in an earlier row, too", param="user_id")
        ids.add(fields.user_id)
        self.customers.check(fields)
        budget_id = fields.budget_id or ""
        if budget_id and budget_id not in tiers:
            raise unknown_tier(budget_id)
        return self.customers.steps.made(fields, tiers.get(budget_id))

    async def _write(self, batch: dict[int, Step]) -> None:
        """Write a batch at once; those that are there already are taken out, and the rest tried again."""
        left = dict(batch)

        async def attempt() -> None:
            try:
                if left:
                    await self.customers.write(list(left.values()))
            except Overtaken as overtaken:
                numbers = list(left)
                self._refuse({n: left.pop(n) for n in [numbers[place] for place in overtaken.items]}, _THERE)
                raise

        try:
            await persistently(attempt)
        except (AwsError, AwsUnavailable, Conflict) as error:
            logger.error("a batch of customers was not written", exc_info=error)
            self._refuse(left, "The store did not take it: look whether it is there, and send it again", None)
            return
        for number, step in left.items():
            self.report.created(number, _id(step))

    def _refuse(self, batch: Mapping[int, Step], reason: str, name: str | None = "user_id") -> None:
        for number, step in batch.items():
            self.report.refused(number, _id(step), name, reason)


def _fields(row: Any) -> CustomerFields:
    """Raises ValidationError, and what a row is that could not be read."""
    if isinstance(row, TollgateError):
        raise row
    return CustomerFields.model_validate(row)


def _batches(steps: Mapping[int, Step]) -> Iterator[dict[int, Step]]:
    numbers = list(steps)
    for start in range(0, len(numbers), MOST_AT_ONCE):
        yield {number: steps[number] for number in numbers[start : start + MOST_AT_ONCE]}


def _id(step: Step) -> str:
    return step.after.customer.customer_id if step.after else ""


def _fault(error: ValidationError | TollgateError) -> tuple[str | None, str]:
    """The field at fault, and why: of several, the first."""
    if isinstance(error, TollgateError):
        return error.param, error.message
    first = error.errors(include_url=False, include_context=False)[0]
    return ".".join(map(str, first["loc"])) or None, first["msg"]
