"""What calls cost, calculated and not called: LiteLLM's /spend/calculate and /cost/estimate, exact."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, ValidationError

from tollgate import metering
from tollgate.endpoints.table import CHAT
from tollgate.errors import BadRequest, InvalidBody, UnpricedModel
from tollgate.models import Deployment, Models, Wish
from tollgate.money import EXACT, ZERO
from tollgate.pricing import Price
from tollgate.records import Usage
from tollgate.usage import anthropic, openai
from tollgate.usage import estimate as guessing
from tollgate.usage.reading import Reading

Count = Annotated[int, Field(ge=0, le=10**12)]
_Reader = Callable[[Mapping[str, Any]], Reading | None]
_LINES: Final[Mapping[str, tuple[str, ...]]] = {
    "cost": ("input", "cache_read", "cache_write_5m", "output", "reasoning"),
    "input_cost": ("input", "cache_read", "cache_write_5m"),
    "output_cost": ("output", "reasoning"),
    "cache_read_cost": ("cache_read",),
    "cache_creation_cost": ("cache_write_5m",),
    "reasoning_cost": ("reasoning",),
    "margin_cost": (),
}
_RATES: Final[Mapping[str, str]] = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write_5m",
    "output_cost_per_reasoning_token": "reasoning",
}


class Quantities(BaseModel):
    """Tokens of a call, cached ones counted in the input and reasoning in the output, and how many calls."""

    model: str
    input_tokens: Count = 0
    output_tokens: Count = 0
    cache_read_input_tokens: Count = 0
    cache_creation_input_tokens: Count = 0
    reasoning_tokens: Count = 0
    num_requests_per_day: Count | None = None
    num_requests_per_month: Count | None = None

    def usage(self) -> Usage:
        """The tokens by class. Raises InvalidBody for parts that are larger than their whole."""
        cached = self.cache_read_input_tokens + self.cache_creation_input_tokens
        sent, made = self.input_tokens - cached, self.output_tokens - self.reasoning_tokens
        if sent < 0 or made < 0:
            raise InvalidBody("Cached tokens are part of input_tokens, reasoning_tokens of output_tokens.")
        return Usage(
            input=sent,
            cache_read=self.cache_read_input_tokens,
            cache_write_5m=self.cache_creation_input_tokens,
            output=made,
            reasoning=self.reasoning_tokens,
        )


def calculate(models: Models, body: Mapping[str, Any]) -> dict[str, Any]:
    """The cost of a call with these messages, or with this answer. Raises BadRequest."""
    model, answer = body.get("model"), body.get("completion_response")
    if model is None and answer is None:
        raise BadRequest("Bad Request - Either 'model' or 'completion_response' must be provided")
    if isinstance(answer, Mapping) and "messages" not in body:
        deployment = _deployment(models, answer.get("model") if model is None else model)
        return {"cost": _cost(_reading(answer), deployment)}
    if "messages" not in body:
        raise BadRequest("Bad Request - messages must be provided if 'model' is provided")
    return {"cost": _cost(Reading(Usage(input=guessing.messages(body))), _deployment(models, model))}


def estimate(models: Models, body: Mapping[str, Any]) -> dict[str, Any]:
    """The cost of one call and of so many a day and a month, line by line. Raises BadRequest."""
    try:
        asked = Quantities.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidBody(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.") from None
    deployment, usage = _deployment(models, asked.model), asked.usage()
    price = _price(deployment, usage)
    amounts = price.amounts(usage)
    lines = {line: _sum(amounts, classes) for line, classes in _LINES.items()}
    return {
        **asked.model_dump(),
        **{f"{line}_per_request": amount for line, amount in lines.items()},
        **_times("daily", lines, asked.num_requests_per_day),
        **_times("monthly", lines, asked.num_requests_per_month),
        **{name: _per_token(price, cls, usage) for name, cls in _RATES.items()},
        "provider": deployment.provider_name,
    }


def _deployment(models: Models, model: object) -> Deployment:
    return models.calculated(Wish(model, CHAT, datetime.now(UTC)))


def _price(deployment: Deployment, usage: Usage) -> Price:
    price = deployment.price
    if price is None or (missing := price.missing(usage)):
        what = ", ".join(missing) if price else "the model"
        raise UnpricedModel(f"There is no price for {what} of {deployment.model}.", param="model")
    return price


def _cost(reading: Reading, deployment: Deployment) -> Decimal:
    priced = metering.price_of(reading.usage, reading.served, deployment, reading.billed)
    if priced.unpriced:
        raise UnpricedModel(f"There is no price for all that {deployment.model} used.", param="model")
    return priced.charge


def _reading(answer: Mapping[str, Any]) -> Reading:
    read: _Reader = openai.chat
    if answer.get("object") == "response":
        read = openai.responses
    elif answer.get("type") == "message":
        read = anthropic.messages
    reading = read(answer) or openai.embeddings(answer)
    if reading is None:
        raise BadRequest("The completion_response reports no usage.", param="completion_response")
    return reading


def _sum(amounts: Mapping[str, Decimal], classes: tuple[str, ...]) -> Decimal:
    total = ZERO
    for name in classes:
        total = EXACT.add(total, amounts.get(name, ZERO))
    return total


def _times(period: str, lines: Mapping[str, Decimal], calls: int | None) -> dict[str, Decimal | None]:
    named = {f"{period}_{line}": amount for line, amount in lines.items()}
    return {name: None if calls is None else EXACT.multiply(amount, calls) for name, amount in named.items()}


def _per_token(price: Price, name: str, usage: Usage) -> Decimal | None:
    rate = price.rates.get(name)
    return rate.amount(1, usage.prompt_tokens) if rate else None
