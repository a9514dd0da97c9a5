"""One call explained: lines that add up to what was booked, to the last digit, also when prices changed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import MASTER_KEY, NOON, answers, chat_body, completion, entry, event, usage_report
from tests.fakes import LEDGER, FakeAws, FakeProvider
from tests.stack import Stack
from tollgate.endpoints.table import CHAT
from tollgate.errors import NotFound
from tollgate.ids import new_request_id
from tollgate.models import load_models
from tollgate.money import dumps
from tollgate.pricing import shipped_book
from tollgate.queries.log_entry import log_entry, log_row
from tollgate.records import SpendEvent, Usage

KEY = {"authorization": f"Bearer {MASTER_KEY}"}


async def explained(stack: Stack, one: SpendEvent) -> Any:
    await stack.ledger.close(one)
    return await log_entry(one.entry.request_id, stack.ledger, load_models(), None)


def priced(usage: Usage, **changes: Any) -> SpendEvent:
    """An event of gpt-4o-mini at the shipped book's price."""
    price = shipped_book().price("openai", "gpt-4o-mini", NOON)
    cost = price.cost(usage)
    plain = {"model_group": "gpt-4o-mini", "cost": cost, "charge": cost, "price_version": price.version}
    return event(started_at=NOON, usage=usage, **{**plain, **changes})


def total(lines: list[dict[str, Any]]) -> Decimal:
    with localcontext(prec=60):
        return sum((line["amount"] for line in lines), Decimal(0))


async def test_a_call_is_explained_line_by_line(stack: Stack) -> None:
    usage = Usage(input=1000, cache_read=200, output=30)
    times = {"duration_ms": 1500, "first_byte_ms": 250}
    answer = await explained(stack, priced(usage, held=Decimal("0.5"), held_tokens=99, tracked="1d", **times))
    costs = answer["cost_breakdown"]
    assert [(line["class"], line["quantity"], line["amount"]) for line in costs["lines"]] == [
        ("input", 1000, Decimal("0.00015")),
        ("cache_read", 200, Decimal("0.000015")),
        ("output", 30, Decimal("0.000018")),
    ]
    assert costs["lines"][0]["unit_price"] == Decimal("0.15")
    assert costs["lines"][0]["per"] == 1_000_000
    assert (costs["cost"], costs["price_changed"]) == (Decimal("0.000183"), False)
    assert costs["price_version"] == costs["current_price_version"] == shipped_book().version
    assert answer["hold"]["held"] == Decimal("0.5")
    assert answer["hold"]["windows"] == "1d"
    assert answer["timings"]["started_at"] == "2026-05-04T12:00:00.000Z"
    assert (answer["timings"]["first_byte_after_ms"], answer["timings"]["answered_after_ms"]) == (250, 1500)
    assert answer["completionStartTime"] == "2026-05-04T12:00:00.250Z"
    assert answer["spend"] == Decimal("0.000183")


counts = st.integers(0, 10**9)


@given(st.builds(Usage, input=counts, cache_read=counts, output=counts, reasoning=counts), st.booleans())
async def test_lines_add_up_to_what_was_booked_whatever_it_was(usage: Usage, changed: bool) -> None:
    one = priced(usage)
    if changed:
        one = replace(one, cost=one.cost + Decimal("0.123"), price_version="older")
    costs = (await explained(Stack.over(), one))["cost_breakdown"]
    assert total(costs["lines"]) == one.cost
    assert costs["price_changed"] == changed
    assert ("price_change" in [line["class"] for line in costs["lines"]]) == changed
    with localcontext(prec=60):
        for line in costs["lines"]:
            assert line["quantity"] * line["unit_price"] / line["per"] == line["amount"]


async def test_a_call_through_the_gateway_is_explained_without_a_rest(stack: Stack, aws: FakeAws) -> None:
    provider = FakeProvider(answers(completion(usage_report(1234, 567))))
    await stack.gateway(provider).call(CHAT, KEY, dumps(chat_body()))
    (item,) = aws.items(LEDGER)
    answer = await log_entry(item["request_id"]["S"], stack.ledger, load_models(), None)
    assert [line["class"] for line in answer["cost_breakdown"]["lines"]] == ["input", "output"]
    assert total(answer["cost_breakdown"]["lines"]) == answer["cost_breakdown"]["cost"] > 0


async def test_what_the_provider_billed_is_one_line(stack: Stack) -> None:
    one = priced(Usage(input=10), cost=Decimal("0.00014205"), price_version="provider")
    costs = (await explained(stack, one))["cost_breakdown"]
    assert [(line["class"], line["amount"]) for line in costs["lines"]] == [
        ("billed_by_provider", Decimal("0.00014205"))
    ]
    assert not costs["price_changed"]


async def test_a_model_that_is_no_longer_known_is_told_as_one_rest(stack: Stack) -> None:
    one = priced(Usage(input=10), model_group="gone", model="gone", cost=Decimal(3), price_version="older")
    costs = (await explained(stack, one))["cost_breakdown"]
    assert [(line["class"], line["amount"]) for line in costs["lines"]] == [("price_change", Decimal(3))]


async def test_a_call_that_cost_nothing_has_no_lines(stack: Stack) -> None:
    one = priced(Usage(), cost=Decimal(0), price_version="", status="failure", ending="upstream_unreachable")
    assert (await explained(stack, one))["cost_breakdown"]["lines"] == []


async def test_a_call_under_way_has_no_cost_yet(stack: Stack) -> None:
    await stack.ledger.open(one := entry(started_at=NOON + timedelta(seconds=1)))
    answer = await log_entry(one.request_id, stack.ledger, load_models(), None)
    assert (answer["status"], answer["cost_breakdown"]) == ("open", None)


@pytest.mark.parametrize("request_id", ["", "nonsense", "chatcmpl-1", "x" * 500])
async def test_what_is_no_request_is_not_found(stack: Stack, request_id: str) -> None:
    with pytest.raises(NotFound):
        await log_entry(request_id, stack.ledger, load_models(), None)


async def test_anothers_call_is_not_found_as_if_it_were_not_there(stack: Stack) -> None:
    await stack.ledger.close(one := event(started_at=NOON, customer_id="other"))
    for request_id in (one.entry.request_id, new_request_id()):
        with pytest.raises(NotFound) as refused:
            await log_entry(request_id, stack.ledger, load_models(), frozenset({"acme"}))
        assert "never was" in refused.value.message


OWN = frozenset({"acme"})


@pytest.mark.parametrize("version", ["older", "provider", shipped_book().version])
async def test_a_customers_key_is_told_the_quantities_and_the_charge(stack: Stack, version: str) -> None:
    one = priced(Usage(input=1000, output=30), charge=Decimal("0.9"), price_version=version)
    everybody = await explained(stack, one)
    own = await log_entry(one.entry.request_id, stack.ledger, load_models(), OWN)
    assert own["cost_breakdown"] == {
        "lines": [{"class": "input", "quantity": 1000}, {"class": "output", "quantity": 30}],
        "charge": Decimal("0.9"),
        "estimated": None,
        "unpriced": False,
    }
    prices = {"cost", "price_version"}
    told = {name: value for name, value in everybody["metadata"].items() if name not in prices}
    assert own == everybody | {"metadata": told, "cost_breakdown": own["cost_breakdown"]}
    assert prices <= everybody["metadata"].keys()
    assert (await log_row(one.entry.request_id, stack.ledger, OWN))["metadata"] == told
