"""What calls would cost: LiteLLM's two calculators, to the last digit."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.calling import KEY, catalogue
from tests.stack import Stack
from tollgate.errors import BadRequest, InvalidBody, TollgateError, Unauthorized, UnknownModel, UnpricedModel

GPT = {"input": Decimal("2.50"), "cache_read": Decimal("1.25"), "output": Decimal(10)}


async def calculate(stack: Stack, **body: Any) -> Any:
    return await stack.gateway().information.spend_calculate(KEY, json.dumps(body).encode())


async def estimate(stack: Stack, **body: Any) -> Any:
    return await stack.gateway().information.cost_estimate(KEY, json.dumps(body).encode())


# https://platform.openai.com/docs/pricing and https://claude.com/pricing, USD a million tokens
@pytest.mark.parametrize(
    ("answer", "cost"),
    [
        (
            {
                "model": "gpt-4o",
                "usage": {
                    "prompt_tokens": 1000,
                    "completion_tokens": 7,
                    "prompt_tokens_details": {"cached_tokens": 400},
                },
            },
            (600 * Decimal("2.5") + 400 * Decimal("1.25") + 7 * 10) / 1_000_000,
        ),
        (
            {"object": "response", "model": "gpt-4o", "usage": {"input_tokens": 3, "output_tokens": 1}},
            (3 * Decimal("2.5") + 10) / 1_000_000,
        ),
        (
            {
                "type": "message",
                "model": "claude-sonnet-4-5",
                "usage": {"input_tokens": 3, "output_tokens": 1, "cache_read_input_tokens": 11},
            },
            (3 * Decimal(3) + 15 + 11 * Decimal("0.3")) / 1_000_000,
        ),
        (
            {
                "object": "list",
                "model": "text-embedding-3-small",
                "usage": {"prompt_tokens": 9, "total_tokens": 9},
            },
            9 * Decimal("0.02") / 1_000_000,
        ),
    ],
)
async def test_an_answer_costs_what_a_call_would(stack: Stack, answer: Any, cost: Decimal) -> None:
    assert await calculate(stack, completion_response=answer) == {"cost": cost}


async def test_messages_cost_their_prompt(stack: Stack) -> None:
    messages = [{"role": "user", "content": "x" * 388}]
    assert await calculate(stack, model="gpt-4o", messages=messages) == {
        "cost": 100 * Decimal("2.5") / 1_000_000
    }


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, "Bad Request - Either 'model' or 'completion_response' must be provided"),
        ({"model": "gpt-4o"}, "Bad Request - messages must be provided if 'model' is provided"),
        ({"completion_response": {"model": "gpt-4o"}}, "reports no usage"),
        ({"completion_response": {"usage": {"prompt_tokens": 1}}}, "names no model"),
    ],
)
async def test_what_cannot_be_calculated_says_why(stack: Stack, body: Any, complaint: str) -> None:
    with pytest.raises(BadRequest) as refused:
        await calculate(stack, **body)
    assert complaint in refused.value.message


async def test_calls_are_estimated_line_by_line_by_the_day_and_the_month(stack: Stack) -> None:
    told = await estimate(
        stack,
        model="o3",
        input_tokens=1000,
        cache_read_input_tokens=800,
        output_tokens=500,
        reasoning_tokens=200,
        num_requests_per_day=100,
    )
    # https://platform.openai.com/docs/pricing: o3 at 2, 0.5 and 8 USD a million
    assert told == {
        "model": "o3",
        "input_tokens": 1000,
        "output_tokens": 500,
        "cache_read_input_tokens": 800,
        "cache_creation_input_tokens": 0,
        "reasoning_tokens": 200,
        "num_requests_per_day": 100,
        "num_requests_per_month": None,
        "cost_per_request": Decimal("0.0048"),
        "input_cost_per_request": Decimal("0.0008"),
        "output_cost_per_request": Decimal("0.004"),
        "cache_read_cost_per_request": Decimal("0.0004"),
        "cache_creation_cost_per_request": 0,
        "reasoning_cost_per_request": Decimal("0.0016"),
        "margin_cost_per_request": 0,
        "daily_cost": Decimal("0.48"),
        "daily_input_cost": Decimal("0.08"),
        "daily_output_cost": Decimal("0.4"),
        "daily_cache_read_cost": Decimal("0.04"),
        "daily_cache_creation_cost": 0,
        "daily_reasoning_cost": Decimal("0.16"),
        "daily_margin_cost": 0,
        "monthly_cost": None,
        "monthly_input_cost": None,
        "monthly_output_cost": None,
        "monthly_cache_read_cost": None,
        "monthly_cache_creation_cost": None,
        "monthly_reasoning_cost": None,
        "monthly_margin_cost": None,
        "input_cost_per_token": Decimal("0.000002"),
        "output_cost_per_token": Decimal("0.000008"),
        "cache_read_input_token_cost": Decimal("0.0000005"),
        "cache_creation_input_token_cost": Decimal("0.000002"),
        "output_cost_per_reasoning_token": Decimal("0.000008"),
        "provider": "openai",
    }


async def test_a_prompt_over_a_threshold_is_estimated_at_the_rates_beyond_it(stack: Stack) -> None:
    # https://ai.google.dev/gemini-api/docs/pricing: 2.5 Pro at 1.25 up to 200,000 tokens, 2.50 beyond
    below = await estimate(stack, model="gemini-2.5-pro", input_tokens=200_000)
    above = await estimate(stack, model="gemini-2.5-pro", input_tokens=200_001)
    assert (below["cost_per_request"], below["input_cost_per_token"]) == (
        Decimal("0.25"),
        Decimal("0.00000125"),
    )
    assert (above["cost_per_request"], above["input_cost_per_token"]) == (
        Decimal("0.5000025"),
        Decimal("0.0000025"),
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"input_tokens": 1}, InvalidBody),
        ({"model": "gpt-4o", "input_tokens": -1}, InvalidBody),
        ({"model": "gpt-4o", "input_tokens": "many"}, InvalidBody),
        ({"model": "gpt-4o", "input_tokens": 10**30}, InvalidBody),
        ({"model": "gpt-4o", "input_tokens": 5, "cache_read_input_tokens": 6}, InvalidBody),
        ({"model": "gpt-4o", "output_tokens": 5, "reasoning_tokens": 6}, InvalidBody),
        ({"model": "nobody", "input_tokens": 1}, UnknownModel),
        ({"model": "gpt-of-next-year", "input_tokens": 1}, UnpricedModel),
        ({"model": "tts-1", "input_tokens": 1}, UnpricedModel),
    ],
)
async def test_an_estimate_that_cannot_be_made_is_refused(
    stack: Stack, body: Any, kind: type[TollgateError]
) -> None:
    with pytest.raises(kind) as refused:
        await estimate(stack, **body)
    assert refused.value.status == 400


async def test_a_model_with_several_deployments_is_calculated_as_the_first_listed(stack: Stack) -> None:
    entry = {"name": "m", "provider": "p", "weight": 1}
    others = [{**entry, "weight": 99, "prices": {"input": Decimal(n), "output": Decimal(n)}} for n in (2, 3)]
    models = catalogue({"p": {"base_url": "http://p"}}, {**entry, "prices": GPT}, *others)
    gateway = stack.gateway(models=models)
    for _ in range(20):
        told = await gateway.information.cost_estimate(KEY, b'{"model":"m","input_tokens":4}')
        assert told["cost_per_request"] == Decimal("0.00001")


async def test_nobody_calculates_without_a_key(stack: Stack) -> None:
    for ask in (stack.gateway().information.spend_calculate, stack.gateway().information.cost_estimate):
        with pytest.raises(Unauthorized):
            await ask({}, b"{}")
