"""Three hundred calls by twenty customers through API Gateway, and the books balance to the last digit."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
from openai import OpenAI

from tests.e2e.running import Deployed
from tests.truth import LedgerRow, assert_books_balance, settled, truth_rows

CALLS = 300
CUSTOMERS = [f"customer-{n:02}" for n in range(18)] + ["Zoë Brontë", "user@example.com/a #7"]
WORKERS = 4  # the emulator runs each concurrent invocation in a process of its own

USAGES: list[tuple[str, dict[str, int]]] = [
    ("gpt-4o", {"input": 1203, "output": 77}),
    ("gpt-4o-mini", {"input": 7, "cache_read": 2048, "output": 311}),
    ("gpt-3.5-turbo", {"input": 19, "output": 1}),
    ("gpt-5", {"input": 333, "cache_read": 1152, "output": 5, "reasoning": 640}),
    ("gpt-4o-realtime-preview", {"input": 11, "audio_in": 101, "output": 13, "audio_out": 17}),
]


def in_body(customer: str) -> dict[str, Any]:
    return {"user": customer}


def in_customer_header(customer: str) -> dict[str, Any]:
    return {"extra_headers": {"x-litellm-customer-id": customer}}


def in_end_user_header(customer: str) -> dict[str, Any]:
    return {"extra_headers": {"X-LiteLLM-End-User-Id": customer}}


def in_metadata(customer: str) -> dict[str, Any]:
    return {"metadata": {"user_id": customer}}


WAYS: list[Callable[[str], dict[str, Any]]] = [in_body, in_customer_header, in_end_user_header, in_metadata]


@dataclass(frozen=True)
class Call:
    customer: str
    names: Callable[[str], dict[str, Any]]
    model: str
    usage: dict[str, int]
    stream: bool


def calls() -> list[Call]:
    """Half of them streamed, from every customer in every way with every usage; the same each run."""
    chance = Random(20)
    kinds = [kind for kind in product(CUSTOMERS, WAYS, USAGES) if speakable(*kind[:2])]
    drawn = [(*kind, stream) for stream in (False, True) for kind in chance.sample(kinds, CALLS // 2)]
    chance.shuffle(drawn)
    return [Call(customer, way, model, usage, stream) for customer, way, (model, usage), stream in drawn]


def speakable(customer: str, way: Callable[[str], dict[str, Any]]) -> bool:
    """The SDK sends no header that is not ASCII."""
    return customer.isascii() or way in (in_body, in_metadata)


def make(client: OpenAI, call: Call) -> str:
    """One call as an application makes it; its id."""
    raw = client.chat.completions.with_raw_response.create(
        model=call.model,
        messages=[{"role": "user", "content": "What does a tollgate do?"}],
        stream=call.stream,
        extra_body={"demo": {"usage": call.usage, "chunks": 3}},
        **call.names(call.customer),
    )
    answer: Any = raw.parse()
    if call.stream:
        text = "".join(chunk.choices[0].delta.content or "" for chunk in answer if chunk.choices)
    else:
        text = answer.choices[0].message.content
    assert text
    return str(raw.headers["x-litellm-call-id"])


@pytest.fixture(scope="module")
def made(stack: Deployed) -> dict[str, Call]:
    with (
        OpenAI(base_url=f"{stack.url}v1", api_key=stack.key, max_retries=0) as client,
        ThreadPoolExecutor(WORKERS) as pool,
    ):
        wanted = calls()
        ids = list(pool.map(lambda call: make(client, call), wanted))
    return dict(zip(ids, wanted, strict=True))


@pytest.fixture(scope="module")
def ledger(stack: Deployed, made: dict[str, Call]) -> dict[str, LedgerRow]:
    """The ledger once all is counted: by the stream, and by reconcile for what the emulator's stream lost."""
    settled(stack.dynamodb, stack.tables.ledger, within=5)
    assert reconcile(stack)["failed"] == 0
    customers = {call_id: call.customer for call_id, call in made.items()}
    return assert_books_balance(stack.dynamodb, stack.tables, truth_rows(stack.provider), customers=customers)


def reconcile(stack: Deployed, *, compare: bool = False) -> dict[str, Any]:
    answer = stack.functions.invoke(
        FunctionName=stack.outputs["ReconcileFunctionName"], Payload=json.dumps({"compare": compare})
    )
    report: dict[str, Any] = json.load(answer["Payload"])
    assert "FunctionError" not in answer, report
    return report


def asked(stack: Deployed, path: str) -> dict[str, Any]:
    request = Request(f"{stack.url}{path}", headers={"Authorization": f"Bearer {stack.key}"})  # noqa: S310
    with urlopen(request) as answer:  # noqa: S310 - loopback
        return dict(json.load(answer, parse_float=Decimal))


def test_every_call_is_in_the_ledger_once_as_the_provider_saw_it(
    stack: Deployed, made: dict[str, Call], ledger: dict[str, LedgerRow]
) -> None:
    attempts = Counter(row["call_id"] for row in truth_rows(stack.provider))
    assert {call_id: attempts[call_id] for call_id in made} == dict.fromkeys(made, 1)
    assert {i: ledger[i].usage for i in made} == {i: call.usage for i, call in made.items()}


def test_no_usage_had_to_be_estimated(ledger: dict[str, LedgerRow]) -> None:
    assert not [row for row in ledger.values() if row.estimated or row.pending]


def test_reconcile_finds_no_drift(stack: Deployed, ledger: dict[str, LedgerRow]) -> None:
    report = reconcile(stack, compare=True)
    assert set(report["drift"].values()) == {0}
    assert report["left"] == 0


@pytest.mark.parametrize("customer", [CUSTOMERS[0], CUSTOMERS[18], CUSTOMERS[19]])
def test_customer_info_tells_what_the_ledger_knows(
    stack: Deployed, ledger: dict[str, LedgerRow], customer: str
) -> None:
    spend = sum(row.sums["charge"] for row in ledger.values() if row.customer == customer)
    for path in ("customer/info", "end_user/info"):
        info = asked(stack, f"{path}?end_user_id={quote(customer, safe='')}")
        assert (info["user_id"], Decimal(info["spend"])) == (customer, spend)


def test_daily_activity_tells_what_the_ledger_knows(stack: Deployed, ledger: dict[str, LedgerRow]) -> None:
    days = sorted({row.day for row in ledger.values()})
    spend: dict[str, Decimal] = defaultdict(Decimal)
    for row in ledger.values():
        spend[row.day] += row.sums["charge"]
    for path in ("customer/daily/activity", "end_user/daily/activity"):
        found = asked(stack, f"{path}?start_date={days[0]}&end_date={days[-1]}")
        assert {day["date"]: Decimal(day["metrics"]["spend"]) for day in found["results"]} == dict(spend)
        assert found["metadata"]["total_api_requests"] == len(ledger)
