"""The ledger as it lies in DynamoDB, and the question whether it says what the provider says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from tests.clients.prices import published_cost
from tests.clients.stack import Stack
from tests.processes import eventually

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One ledger item."""

    call_id: str
    customer: str
    session: str
    endpoint: str
    model: str
    state: str
    ending: str
    estimated: str
    unpriced: bool
    usage: Mapping[str, int]
    cost: Decimal


def ledger(stack: Stack) -> dict[str, Row]:
    """Every ledger item by call id; fails when an id stands in it twice."""
    read = TypeDeserializer().deserialize
    pages = stack.deployment.dynamodb.get_paginator("scan").paginate(
        TableName=stack.deployment.tables.ledger, ConsistentRead=True
    )
    rows = [_row({name: read(v) for name, v in item.items()}) for page in pages for item in page["Items"]]
    found = {row.call_id: row for row in rows}
    assert len(found) == len(rows), "a call id stands in the ledger twice"
    return found


def settled(stack: Stack, *, within: float = 15) -> dict[str, Row]:
    """The ledger of what reached the provider since the truth was emptied, once all of it is closed."""
    found: dict[str, Row] = {}

    def closed() -> bool:
        found.clear()
        rows, ids = ledger(stack), {row["call_id"] for row in stack.truth()}
        found.update({call_id: rows[call_id] for call_id in ids if call_id in rows})
        return found.keys() == ids and all(row.state == "closed" for row in found.values())

    eventually(closed, "every call that reached the provider is in the ledger, and closed", within=within)
    return found


def assert_told(stack: Stack, *, calls: int) -> list[Row]:
    """So many calls reached the provider, and the ledger has each as it was reported, and its cost."""
    truth, rows = stack.truth(), settled(stack)
    assert len(truth) == calls, [row["endpoint"] for row in truth]
    for told in truth:
        assert_same(rows[told["call_id"]], told)
    return [rows[told["call_id"]] for told in truth]


def assert_same(row: Row, told: Mapping[str, Any]) -> None:
    """One entry is what the provider reported."""
    assert (row.endpoint, row.model) == (told["endpoint"], told["model"]), row
    assert told["reported"] or not told["usage"], told
    assert row.usage == told["usage"], row
    assert not row.estimated, row
    assert not row.unpriced, row
    assert row.cost == published_cost(row.model, row.usage), row


def of_customer(rows: Iterable[Row], customer: str) -> list[Row]:
    """The rows of a customer."""
    return [row for row in rows if row.customer == customer]


def _row(item: Mapping[str, Any]) -> Row:
    return Row(
        call_id=item["request_id"],
        customer=item["customer"].removeprefix("C#"),
        session=item.get("session_id", ""),
        endpoint=item["endpoint"],
        model=item["model"],
        state=item["state"],
        ending=item.get("ending", ""),
        estimated=item.get("estimated", ""),
        unpriced=item.get("unpriced", False),
        usage={name: int(count) for name, count in item.get("usage", {}).items() if count},
        cost=item.get("cost", Decimal(0)),
    )
