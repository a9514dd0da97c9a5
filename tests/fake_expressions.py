"""DynamoDB's expressions, as far as this project writes them, over items in typed JSON.

Grammar: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
"""

import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, DecimalException, Inexact, Overflow
from functools import lru_cache
from typing import Any, Final

Attribute = dict[str, Any]
Item = dict[str, Attribute]

_TOKEN: Final = re.compile(r"\s*([:#]?\w+|<=|>=|<>|[=<>(),+-])")
_OPERATOR: Final = re.compile(
    r"AND|OR|NOT|<=|>=|<>|[=<>+-]|attribute_\w+|begins_with|contains|size|if_not\w+"
)
_LONGEST: Final = 4096  # bytes
_MOST_OPERATORS: Final = 300
_CLAUSES: Final = ("SET", "REMOVE", "ADD", "DELETE")
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
_NUMBERS: Final = Context(prec=38, Emin=-130, Emax=125, traps=[Inexact, Overflow])


class Invalid(Exception):
    """What DynamoDB answers with a ValidationException."""


class Scope:
    """The names and values of one request; each must be used, and everything used must be defined."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self._names: Mapping[str, str] = request.get("ExpressionAttributeNames", {})
        self._values: Mapping[str, Attribute] = request.get("ExpressionAttributeValues", {})
        self._used: set[str] = set()

    def name(self, token: str) -> str:
        """The attribute a token names."""
        if not token.startswith("#"):
            return token
        self._used.add(token)
        if token not in self._names:
            raise Invalid(f"an expression attribute name is not defined: {token}")
        return self._names[token]

    def value(self, token: str) -> Attribute:
        """The value a token stands for."""
        self._used.add(token)
        if token not in self._values:
            raise Invalid(f"an expression attribute value is not defined: {token}")
        return self._values[token]

    def finish(self) -> None:
        """Check that nothing was left over."""
        if unused := {*self._names, *self._values} - self._used:
            raise Invalid(f"unused in expressions: {sorted(unused)}")


def number(text: str) -> Decimal:
    """A number as DynamoDB keeps it: at most 38 significant digits, refused if there are more."""
    try:
        return _NUMBERS.create_decimal(text)
    except DecimalException:
        raise Invalid(f"a number is out of range or has over 38 digits: {text}") from None


def written(value: Decimal) -> str:
    """A number as DynamoDB answers it: in plain digits, without trailing zeros."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"


@lru_cache(maxsize=256)
def _tokens(expression: str) -> tuple[str, ...]:
    operators = _OPERATOR.findall(expression)
    if len(expression.encode()) > _LONGEST or len(operators) > _MOST_OPERATORS:
        raise Invalid("the expression has more than 4 kB, or more than 300 operators")
    tokens = tuple(_TOKEN.findall(expression))
    if len("".join(tokens)) != len("".join(expression.split())):
        raise Invalid(f"syntax error in {expression!r}")
    return tokens


class _Reader:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, expression: str, scope: Scope, item: Item) -> None:
        self._tokens = [*_tokens(expression), ""]
        self._scope = scope
        self._item = item

    @property
    def next(self) -> str:
        return self._tokens[0]

    def take(self, *expected: str) -> str:
        token = self._tokens.pop(0)
        if expected and token not in expected:
            raise Invalid(f"expected {expected}, found {token!r}")
        return token

    def condition(self) -> bool:
        found = self._conjunction()
        while self.next == "OR":
            self.take()
            found = self._conjunction() or found
        return found

    def _conjunction(self) -> bool:
        found = self._single()
        while self.next == "AND":
            self.take()
            found = self._single() and found
        return found

    def _single(self) -> bool:
        if self.next == "NOT":
            self.take()
            return not self._single()
        if self.next == "(":
            self.take()
            found = self.condition()
            self.take(")")
            return found
        is_function = self._tokens[1] == "(" and self.next != "size"
        return self._function() if is_function else self._comparison()

    def _function(self) -> bool:
        name = self.take("attribute_exists", "attribute_not_exists", "begins_with", "contains")
        self.take("(")
        path = self._scope.name(self.take())
        found = path in self._item
        if name in ("begins_with", "contains"):
            self.take(",")
            wanted = _text(self._operand())
            text = _text(self._item.get(path))
            found = found and (text.startswith(wanted) if name == "begins_with" else wanted in text)
        self.take(")")
        return found != (name == "attribute_not_exists")

    def _comparison(self) -> bool:
        left = self._operand()
        kind = self.take(*_COMPARISONS, "BETWEEN")
        right = self._operand()
        if kind != "BETWEEN":
            return _compare(left, kind, right)
        self.take("AND")
        most = self._operand()
        return _compare(left, ">=", right) and _compare(left, "<=", most)

    def _operand(self) -> Attribute | None:
        token = self.take()
        if token == "size":
            return self._size()
        return self._scope.value(token) if token.startswith(":") else self._item.get(self._scope.name(token))

    def _size(self) -> Attribute | None:
        self.take("(")
        measured = self._item.get(self._scope.name(self.take()))
        self.take(")")
        return {"N": str(len(next(iter(measured.values()))))} if measured else None

    def update(self) -> None:
        """Apply the clauses; every operand is read from the item as it was."""
        old, touched = dict(self._item), set[str]()
        while self.next:
            clause = self.take(*_CLAUSES)
            while True:
                path = self._scope.name(self.take())
                if path in touched:
                    raise Invalid(f"two document paths overlap: {path}")
                touched.add(path)
                self._change(clause, path, old)
                if self.next != ",":
                    break
                self.take()

    def _change(self, clause: str, path: str, old: Item) -> None:
        if clause == "REMOVE":
            self._item.pop(path, None)
        elif clause == "ADD":
            added = self._scope.value(self.take())
            self._item[path] = (
                _joined(old.get(path), added) if "SS" in added else _sum(old.get(path, {"N": "0"}), added, 1)
            )
        elif clause == "DELETE":
            self._take_out(path, self._scope.value(self.take()))
        else:
            self.take("=")
            self._item[path] = self._assigned(old)

    def _take_out(self, path: str, members: Attribute) -> None:
        """Take members out of a set; a set without any is no longer there."""
        if path in self._item and not set(left := _without(self._item[path], members)):
            del self._item[path]
        elif path in self._item:
            self._item[path] = {"SS": left}

    def _assigned(self, old: Item) -> Attribute:
        found = self._term(old)
        while self.next in ("+", "-"):
            found = _sum(found, self._term(old), 1 if self.take() == "+" else -1)
        return found

    def _term(self, old: Item) -> Attribute:
        token = self.take()
        if token == "if_not_exists":
            self.take("(")
            present = old.get(self._scope.name(self.take()))
            self.take(",")
            fallback = self._term(old)
            self.take(")")
            return present or fallback
        found = self._scope.value(token) if token.startswith(":") else old.get(self._scope.name(token))
        if found is None:
            raise Invalid("the provided expression refers to an attribute that does not exist in the item")
        return found


def holds(expression: str, item: Item, scope: Scope) -> bool:
    """Whether a condition holds for an item."""
    reader = _Reader(expression, scope, item)
    found = reader.condition()
    reader.take("")
    return found


def apply(expression: str, item: Item, scope: Scope) -> Item:
    """The item an update makes of an item."""
    changed = dict(item)
    _Reader(expression, scope, changed).update()
    return changed


def _plain(attribute: Attribute | None) -> Any:
    ((kind, value),) = (attribute or {"NULL": None}).items()
    return number(value) if kind == "N" else value.encode() if kind == "S" else value


def _compare(left: Attribute | None, kind: str, right: Attribute | None) -> bool:
    if left is None or right is None or left.keys() != right.keys():
        return kind == "<>"
    return _COMPARISONS[kind](_plain(left), _plain(right))


def _text(attribute: Attribute | None) -> str:
    return str((attribute or {}).get("S", ""))


def _joined(left: Attribute | None, right: Attribute) -> Attribute:
    return {"SS": sorted({*(left or {"SS": []})["SS"], *right["SS"]})}


def _without(left: Attribute, right: Attribute) -> list[str]:
    return sorted({*left["SS"]} - {*right["SS"]})


def _sum(left: Attribute, right: Attribute, sign: int) -> Attribute:
    if "N" not in left or "N" not in right:
        raise Invalid("An operand in the update expression has an incorrect data type")
    added = number(right["N"])
    try:
        return {"N": written(_NUMBERS.add(number(left["N"]), added if sign > 0 else -added))}
    except DecimalException:
        raise Invalid("a number is out of range or has over 38 digits") from None
