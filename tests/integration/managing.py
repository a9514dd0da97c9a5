"""The functions of management, called with API Gateway's events as the master key's holder, or another's."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from audit.handler import handler as audit_handler
from budgets.handler import handler as budgets_handler
from customers.handler import handler as customers_handler
from keys.handler import handler as keys_handler
from local import rest_event
from tests.documented import assert_documented
from tests.integration.spending import Answer
from tests.ministack import MASTER_KEY
from tollgate import runtime
from tollgate.money import dumps, loads
from tollgate.storage.audit import AuditRecord
from tollgate.storage.customers import Customer
from usage.handler import handler as usage_handler

ADDRESS: Final = "198.51.100.7"
_HANDLERS: Final = (
    ("/budget/", budgets_handler),
    ("/management/", budgets_handler),
    ("/key/", keys_handler),
    ("/audit", audit_handler),
)
_FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2100, 1, 1, tzinfo=UTC)


def post(path: str, body: Any = None, **headers: str) -> Answer:
    """POST a body: text as it is, anything else as JSON."""
    content = body.encode() if isinstance(body, str) else dumps(body)
    return send(rest_event.Request("POST", path, "", _headers(headers), content, ADDRESS, path))[0]


def get(path: str, **query: Any) -> Answer:
    """GET a path."""
    return listed(path, **query)[0]


def listed(path: str, **query: Any) -> tuple[Answer, Mapping[str, str]]:
    """GET a path, with the headers of the answer."""
    text = urlencode(query, doseq=True, quote_via=quote)
    return send(rest_event.Request("GET", path, text, _headers({}), b"", ADDRESS, path))


def send(request: rest_event.Request) -> tuple[Answer, Mapping[str, str]]:
    """A request's answer, which must be documented, and its headers in lower case."""
    response = rest_event.response(_handler(request.path)(rest_event.event(request), None))
    headers = {name.lower(): value for name, value in response.headers}
    assert_documented(request.method, request.path, response.status, headers["content-type"])
    return Answer(response.status, loads(response.body)), headers


def asked_as(secret: str, path: str, **query: Any) -> Answer:
    """GET a path as the holder of a key."""
    text = urlencode(query, doseq=True, quote_via=quote)
    headers = (("authorization", f"Bearer {secret}"),)
    return send(rest_event.Request("GET", path, text, headers, b"", ADDRESS, path))[0]


def key(**fields: Any) -> Any:
    """A new key, as answered."""
    answer = post("/key/generate", fields)
    assert answer.status == 200, answer.body
    return answer.body


def made(**fields: Any) -> Any:
    """A new customer, as answered."""
    answer = post("/customer/new", fields)
    assert answer.status == 200, answer.body
    return answer.body


def tier(**fields: Any) -> Any:
    """A new tier, as answered."""
    answer = post("/budget/new", fields)
    assert answer.status == 200, answer.body
    return answer.body


def info(customer_id: str) -> Any:
    """A customer, as answered."""
    answer = get("/customer/info", end_user_id=customer_id)
    assert answer.status == 200, answer.body
    return answer.body


def stored(customer_id: str) -> Customer | None:
    """A customer as it stands in the table."""

    async def read() -> Customer | None:
        return await runtime.services().customers.get(customer_id)

    return runtime.run(read())


def _handler(path: str) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    if "/daily/activity" in path:
        return usage_handler
    return next((handler for prefix, handler in _HANDLERS if path.startswith(prefix)), customers_handler)


def _headers(more: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    plain = {"authorization": f"Bearer {MASTER_KEY}", "content-type": "application/json"}
    return tuple((plain | {name.replace("_", "-"): value for name, value in more.items()}).items())


def audited(object_type: str, object_id: str) -> list[AuditRecord]:
    """The records of one object, oldest first."""

    async def read() -> list[AuditRecord]:
        return [r async for r in runtime.services().audit.of_object(object_type, object_id, _FIRST, _LAST)]

    return runtime.run(read())[::-1]
