"""DynamoDB in memory: the operations this project uses, as strict as AWS where an emulator is not.

Refused as AWS refuses it: names or values an expression does not use, overlapping paths, a number over 38
digits, an empty or over-long key, one item twice in a transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.fake_expressions import Attribute, Invalid, Item, Scope, apply, holds, number, written

Key = tuple[str, str]  # "" stands for the sort key of a table that has none

_PARTITION_BYTES: Final = 2048
_SORT_BYTES: Final = 1024
_ACTIONS: Final = 100
_WRITES: Final = 25


class Refusal(Exception):
    """An error answer: its code, and what else its body says."""

    def __init__(self, code: str, message: str = "", **more: Any) -> None:
        super().__init__(message)
        self.code = code
        self.body = {"message": message, **more}


@dataclass
class Table:
    """One table: its key attributes, its indexes' key attributes, its items and its stream."""

    keys: tuple[str, ...]
    indexes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    partitions: dict[str, dict[str, Item]] = field(default_factory=dict)
    stream: list[dict[str, Any]] = field(default_factory=list)

    def key(self, item: Mapping[str, Attribute]) -> Key:
        """The primary key in an item. Raises Invalid for one that AWS would not take."""
        for name, most in zip(self.keys, (_PARTITION_BYTES, _SORT_BYTES), strict=False):
            text = item.get(name, {}).get("S")
            if not text or len(text.encode()) > most:
                raise Invalid(f"key {name} is missing, empty, no string, or over {most} bytes")
        names = [*self.keys, None][:2]
        return (item[names[0]]["S"], item[names[1]]["S"] if names[1] else "")  # type: ignore[index]

    def get(self, key: Key) -> Item | None:
        """An item, or None."""
        return self.partitions.get(key[0], {}).get(key[1])

    def put(self, key: Key, item: Item) -> None:
        """Store an item, and tell the stream when that changes anything."""
        for names in self.indexes.values():
            if any(item.get(name, {}).get("S") == "" for name in names):
                raise Invalid("an index key may not be empty")
        old = self.get(key)
        self.partitions.setdefault(key[0], {})[key[1]] = item
        if old != item:
            self.stream.append({"eventName": "MODIFY" if old else "INSERT", "NewImage": item})

    def delete(self, key: Key) -> None:
        """Forget an item."""
        self.partitions.get(key[0], {}).pop(key[1], None)

    def items(self) -> list[Item]:
        """Every item, in order of its key."""
        return [p[sort] for _, p in sorted(self.partitions.items()) for sort in sorted(p)]


Plan = tuple[Table, Key, Item | None]  # None deletes


class FakeDynamoDB:
    """Tables by name. `page_size` cuts queries and batches into so many items."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.tables = dict(tables)
        self.page_size = 1000
        self.tokens: dict[str, Any] = {}  # of transactions that were made

    def run(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one operation. Raises Refusal."""
        operations: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "PutItem": self._put,
            "UpdateItem": self._update,
            "GetItem": self._get,
            "BatchGetItem": self._batch_get,
            "BatchWriteItem": self._batch_write,
            "Query": self._query,
            "Scan": self._scan,
            "TransactWriteItems": self._transact,
        }
        if operation not in operations:
            raise Refusal("UnknownOperationException", operation)
        try:
            return operations[operation](request)
        except Invalid as error:
            raise Refusal("ValidationException", str(error)) from None

    def _table(self, request: Mapping[str, Any]) -> Table:
        if (table := self.tables.get(request["TableName"])) is None:
            raise Refusal("ResourceNotFoundException", f"no table {request['TableName']!r}")
        return table

    def _put(self, request: Mapping[str, Any]) -> dict[str, Any]:
        table, key, item = self._planned_put(request)
        table.put(key, item)
        return {}

    def _update(self, request: Mapping[str, Any]) -> dict[str, Any]:
        table, key, item = self._planned_update(request)
        table.put(key, item)
        return {"Attributes": item} if request.get("ReturnValues") == "ALL_NEW" else {}

    def _scan(self, request: Mapping[str, Any]) -> dict[str, Any]:
        table = self._table(request)
        found = table.items()
        if start := request.get("ExclusiveStartKey"):
            found = found[[table.key(item) for item in found].index(table.key(start)) + 1 :]
        most = min(self.page_size, request.get("Limit", self.page_size))
        page, rest = found[:most], found[most:]
        last = {"LastEvaluatedKey": {n: page[-1][n] for n in table.keys}} if rest else {}
        return {"Items": page, "Count": len(page), **last}

    def _get(self, request: Mapping[str, Any]) -> dict[str, Any]:
        table = self._table(request)
        item = table.get(table.key(request["Key"]))
        return {"Item": item} if item else {}

    def _batch_get(self, request: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, list[Item]] = {}
        left: dict[str, Any] = {}
        for name, asked in request["RequestItems"].items():
            table, keys = self._table({"TableName": name}), asked["Keys"]
            if len(keys) > _ACTIONS or len({table.key(key) for key in keys}) < len(keys):
                raise Refusal("ValidationException", "too many keys, or one of them twice")
            items = (table.get(table.key(key)) for key in keys[: self.page_size])
            found[name] = [item for item in items if item]
            if rest := keys[self.page_size :]:
                left[name] = {**asked, "Keys": rest}
        return {"Responses": found, "UnprocessedKeys": left}

    def _batch_write(self, request: Mapping[str, Any]) -> dict[str, Any]:
        left: dict[str, Any] = {}
        for name, writes in request["RequestItems"].items():
            puts = [{"TableName": name, "Item": write["PutRequest"]["Item"]} for write in writes]
            keys = [self._table(put).key(put["Item"]) for put in puts]
            if len(puts) > _WRITES or len(set(keys)) < len(keys):
                raise Refusal("ValidationException", "too many items, or one of them twice")
            for put in puts[: self.page_size]:
                self._put(put)
            if rest := writes[self.page_size :]:
                left[name] = rest
        return {"UnprocessedItems": left}

    def _query(self, request: Mapping[str, Any]) -> dict[str, Any]:
        table, scope = self._table(request), Scope(request)
        names = table.indexes[request["IndexName"]] if "IndexName" in request else table.keys
        condition = request["KeyConditionExpression"]
        holds(condition, {}, scope)  # what is wrong with it is wrong when nothing is found, too
        if expression := request.get("FilterExpression"):
            holds(expression, {}, scope)
        scope.finish()
        found = [item for item in self._candidates(table, request) if holds(condition, item, scope)]
        found.sort(key=lambda item: item[names[-1]]["S"].encode())
        if request.get("ScanIndexForward") is False:
            found.reverse()
        if start := request.get("ExclusiveStartKey"):
            keys = [table.key(item) for item in found]
            found = found[keys.index(table.key(start)) + 1 :]
        most = min(self.page_size, request.get("Limit", self.page_size))
        page, rest = found[:most], found[most:]
        last = {"LastEvaluatedKey": {n: page[-1][n] for n in {*table.keys, *names}}} if rest else {}
        page = self._filtered(page, request)
        shown = {} if request.get("Select") == "COUNT" else {"Items": page}
        return {**shown, "Count": len(page), **last}

    @staticmethod
    def _filtered(page: list[Item], request: Mapping[str, Any]) -> list[Item]:
        """What a filter leaves of a page, after it was read."""
        expression = request.get("FilterExpression")
        if not expression:
            return page
        return [item for item in page if holds(expression, item, Scope(request))]

    @staticmethod
    def _candidates(table: Table, request: Mapping[str, Any]) -> list[Item]:
        """The items of the partition that is asked for; of the whole table for an index."""
        if "IndexName" in request:
            return table.items()
        values = request["ExpressionAttributeValues"].values()
        return [i for value in values for i in table.partitions.get(value.get("S", ""), {}).values()]

    def _transact(self, request: Mapping[str, Any]) -> dict[str, Any]:
        if (token := request.get("ClientRequestToken")) in self.tokens:
            return self._again(token, request)
        actions = [next(iter(action.items())) for action in request["TransactItems"]]
        if not 0 < len(actions) <= _ACTIONS:
            raise Refusal("ValidationException", "a transaction has 1 to 100 actions")
        plans, reasons = [], []
        for kind, action in actions:
            plan, reason = self._plan(kind, action)
            plans.append(plan)
            reasons.append(reason)
        if any(reason["Code"] != "None" for reason in reasons):
            raise cancelled(reasons)
        self._commit([plan for plan in plans if plan is not None])
        if token:
            self.tokens[token] = request
        return {}

    def _again(self, token: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """A transaction of a token that was seen: already made, or another one, which is refused."""
        if self.tokens[token] != request:
            raise Refusal(
                "IdempotentParameterMismatchException", "the token was used for another transaction"
            )
        return {}

    def _plan(self, kind: str, action: Mapping[str, Any]) -> tuple[Plan | None, Any]:
        kinds: Mapping[str, Callable[[Mapping[str, Any]], Plan]] = {
            "Put": self._planned_put,
            "Update": self._planned_update,
            "Delete": self._planned_delete,
        }
        planned = kinds[kind]
        try:
            return planned(action), {"Code": "None"}
        except Refusal as error:
            if error.code != "ConditionalCheckFailedException":
                raise
            return None, {"Code": "ConditionalCheckFailed", **_shown(error)}
        except Invalid as error:
            if "incorrect data type" not in str(error):
                raise
            return None, {"Code": "ValidationError", "Message": str(error)}

    @staticmethod
    def _commit(plans: Sequence[Plan]) -> None:
        if len({(id(table), key) for table, key, _ in plans}) < len(plans):
            raise Refusal(
                "ValidationException", "Transaction request cannot include multiple operations on one item"
            )
        for table, key, item in plans:
            if item is None:
                table.delete(key)
            else:
                table.put(key, item)

    def _planned_put(self, request: Mapping[str, Any]) -> tuple[Table, Key, Item]:
        table, scope = self._table(request), Scope(request)
        key = table.key(request["Item"])
        self._check(request, table.get(key) or {}, scope)
        scope.finish()
        return table, key, {name: _stored(value) for name, value in request["Item"].items()}

    def _planned_update(self, request: Mapping[str, Any]) -> tuple[Table, Key, Item]:
        table, scope = self._table(request), Scope(request)
        key, old = table.key(request["Key"]), table.get(table.key(request["Key"]))
        self._check(request, old or {}, scope)
        changed = apply(request["UpdateExpression"], old or dict(request["Key"]), scope)
        scope.finish()
        if any(changed.get(name) != request["Key"][name] for name in table.keys):
            raise Invalid("a key attribute cannot be updated")
        return table, key, {name: _stored(value) for name, value in changed.items()}

    def _planned_delete(self, request: Mapping[str, Any]) -> Plan:
        table, scope = self._table(request), Scope(request)
        key = table.key(request["Key"])
        self._check(request, table.get(key) or {}, scope)
        scope.finish()
        return table, key, None

    @staticmethod
    def _check(request: Mapping[str, Any], old: Item, scope: Scope) -> None:
        expression = request.get("ConditionExpression")
        if expression and not holds(expression, old, scope):
            shown = {"Item": old} if old and "ReturnValuesOnConditionCheckFailure" in request else {}
            raise Refusal("ConditionalCheckFailedException", "The conditional request failed", **shown)


def _shown(error: Refusal) -> dict[str, Any]:
    return {"Item": error.body["Item"]} if "Item" in error.body else {}


def cancelled(reasons: Sequence[Mapping[str, Any]]) -> Refusal:
    """A transaction that was cancelled; one reason for each action, in their order."""
    codes = ", ".join(reason["Code"] for reason in reasons)
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    return Refusal("TransactionCanceledException", message, CancellationReasons=list(reasons))


def _stored(attribute: Attribute) -> Attribute:
    """A value as it is kept: numbers in DynamoDB's own digits, maps through and through."""
    ((kind, value),) = attribute.items()
    if kind == "N":
        return {"N": written(number(value))}
    if kind == "SS":
        return {"SS": sorted(value)}
    return {"M": {name: _stored(part) for name, part in value.items()}} if kind == "M" else attribute
