"""DynamoDB as the layers above use it: items in, items out, conditions that fail told apart from errors."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from tollgate.storage.aws import AwsClient, AwsError
from tollgate.storage.codec import Item, from_item

_UNPROCESSED_PAUSE: Final = 0.05
_PASSING: Final = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


class ConditionFailed(Exception):
    """The item was not as the write demanded; `item` is what stood there (empty when nothing did)."""

    def __init__(self, item: Item) -> None:
        super().__init__("the conditional write found another item")
        self.item = item


def failed_conditions(error: AwsError) -> dict[int, Item]:
    """What stood where conditions of a cancelled transaction failed, by the position of their actions."""
    reasons = error.answer.get("CancellationReasons", [])
    return {
        place: from_item(reason.get("Item") or {})
        for place, reason in enumerate(reasons)
        if reason.get("Code") == "ConditionalCheckFailed"
    }


def collided(error: AwsError) -> bool:
    """Whether a transaction was cancelled only because others wrote just then, or too much was written."""
    reasons = {reason.get("Code") for reason in error.answer.get("CancellationReasons", [])} - {"None"}
    return bool(reasons) and reasons <= _PASSING


class Database:
    """The DynamoDB operations this project uses; `consumed` adds up request units when asked to measure."""

    def __init__(self, client: AwsClient, *, measure: bool = False) -> None:
        self._client = client
        self._measure = measure
        self.consumed: list[tuple[str, Any]] = []

    async def put(self, request: Mapping[str, Any], *, sent: asyncio.Event | None = None) -> None:
        """PutItem. Raises ConditionFailed, AwsError, AwsUnavailable."""
        await self._write("PutItem", request, sent)

    async def update(self, request: Mapping[str, Any]) -> Item:
        """UpdateItem; the attributes that its ReturnValues ask for.

        Raises ConditionFailed, AwsError, AwsUnavailable.
        """
        answer = await self._write("UpdateItem", request, None)
        return from_item(answer.get("Attributes") or {})

    async def get(self, table: str, key: Mapping[str, Any]) -> Item | None:
        """GetItem, strongly consistent. Raises AwsError, AwsUnavailable."""
        answer = await self._call("GetItem", {"TableName": table, "Key": key, "ConsistentRead": True})
        return from_item(answer["Item"]) if "Item" in answer else None

    async def get_many(
        self, table: str, keys: Sequence[Mapping[str, Any]], *, consistent: bool = False
    ) -> list[Item]:
        """BatchGetItem of at most 100 keys, in no particular order; what is throttled is asked for again."""
        items: list[Item] = []
        asked = {"Keys": list(keys)} | ({"ConsistentRead": True} if consistent else {})
        pending: dict[str, Any] = {table: asked} if keys else {}
        while pending:
            answer = await self._call("BatchGetItem", {"RequestItems": pending})
            items += [from_item(item) for item in answer["Responses"].get(table, [])]
            pending = answer.get("UnprocessedKeys") or {}
            if pending:
                await asyncio.sleep(_UNPROCESSED_PAUSE)
        return items

    async def put_many(self, table: str, items: Sequence[Mapping[str, Any]]) -> None:
        """BatchWriteItem of at most 25 whole items of different keys; what is throttled is sent again."""
        pending = {table: [{"PutRequest": {"Item": item}} for item in items]} if items else {}
        while pending:
            answer = await self._call("BatchWriteItem", {"RequestItems": pending})
            pending = answer.get("UnprocessedItems") or {}
            if pending:
                await asyncio.sleep(_UNPROCESSED_PAUSE)

    async def query(self, request: Mapping[str, Any]) -> AsyncIterator[Item]:
        """Query, page after page, to the end."""
        start: dict[str, Any] = {}
        while True:
            answer = await self._call("Query", {**request, **start})
            for item in answer["Items"]:
                yield from_item(item)
            if not answer.get("LastEvaluatedKey"):
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    async def transact(self, actions: Sequence[Mapping[str, Any]], *, token: str = "") -> None:
        """TransactWriteItems: all or nothing; of calls with one token within ten minutes, one is made.

        Raises AwsError (TransactionCanceledException with reasons).
        """
        once = {"ClientRequestToken": token} if token else {}
        await self._call("TransactWriteItems", {"TransactItems": list(actions), **once})

    async def _write(
        self, operation: str, request: Mapping[str, Any], sent: asyncio.Event | None
    ) -> dict[str, Any]:
        try:
            return await self._call(
                operation, {"ReturnValuesOnConditionCheckFailure": "ALL_OLD", **request}, sent
            )
        except AwsError as error:
            if error.code != "ConditionalCheckFailedException":
                raise
            raise ConditionFailed(from_item(error.answer.get("Item") or {})) from None

    async def page(self, request: Mapping[str, Any]) -> tuple[list[Item], Mapping[str, Any] | None]:
        """One page of a query, and where the next one starts; None when there is none."""
        answer = await self._call("Query", request)
        return [from_item(item) for item in answer["Items"]], answer.get("LastEvaluatedKey")

    async def count(self, request: Mapping[str, Any]) -> int:
        """How many items a query finds."""
        counted = 0
        start: dict[str, Any] = {}
        while True:
            answer = await self._call("Query", {**request, "Select": "COUNT", **start})
            counted += int(answer["Count"])
            if not answer.get("LastEvaluatedKey"):
                return counted
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    async def scan_page(self, request: Mapping[str, Any]) -> tuple[list[Item], Mapping[str, Any] | None]:
        """One page of a scan, for housekeeping only, and where the next one starts."""
        answer = await self._call("Scan", request)
        return [from_item(item) for item in answer["Items"]], answer.get("LastEvaluatedKey")

    async def _call(
        self, operation: str, request: Mapping[str, Any], sent: asyncio.Event | None = None
    ) -> dict[str, Any]:
        if self._measure:
            request = {**request, "ReturnConsumedCapacity": "INDEXES"}
        answer = await self._client.call(operation, request, sent=sent)
        if self._measure:
            self.consumed.append((operation, answer.get("ConsumedCapacity")))
        return answer
