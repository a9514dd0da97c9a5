"""Prices are those of genai-prices, to the last digit; a price that is not known is never zero."""

import json
import runpy
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from genai_prices import Usage as GenaiUsage
from genai_prices import types
from genai_prices.data import providers
from hypothesis import given, settings
from hypothesis import strategies as st

from tollgate.money import dumps, loads
from tollgate.pricing import BOOK, Price, PriceBook, UnknownPrice, own_price, shipped_book
from tollgate.records import USAGE_CLASSES, Usage

COMPILER = runpy.run_path(str(Path(__file__).parents[2] / "layers" / "core" / "compile_prices.py"))
CORRECTIONS: dict[tuple[str, str], dict[str, str]] = COMPILER["price_corrections"].RATES
CLASS_OF = {
    "input_audio_mtok": "audio_in",
    "output_audio_mtok": "audio_out",
    "web_searches_kcount": "web_searches",
}
TODAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
COMPILED = [
    (provider, model)
    for provider in providers
    if provider.id in ("openai", "anthropic")
    for model in provider.models
    if model.id in shipped_book().models_of(provider.id)
]

counts = st.integers(0, 400_000)
usages = st.builds(
    Usage,
    input=counts,
    cache_read=counts,
    cache_write_5m=counts,
    cache_write_1h=counts,
    output=counts,
    reasoning=counts,
    audio_in=counts,
    audio_out=counts,
    image_in=counts,
    image_out=counts,
)


# genai-prices wants to be told that classes do not overlap; ours never do.
APART = dict.fromkeys(
    f"{way}_{kind}_{what}_tokens"
    for way, what in (("cache", "read"), ("cache", "write"), ("cache", "write_1h"), ("output", "reasoning"))
    for kind in ("audio", "image")
    if (way, kind, what) != ("cache", "text", "read")
)


def as_genai(usage: Usage) -> GenaiUsage:
    """The same usage in genai-prices' classes, where a narrower one is part of the wider."""
    return GenaiUsage(
        input_tokens=usage.prompt_tokens,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_creation,
        cache_write_1h_tokens=usage.cache_write_1h,
        input_audio_tokens=usage.audio_in,
        input_image_tokens=usage.image_in,
        output_tokens=usage.completion_tokens,
        output_audio_tokens=usage.audio_out,
        output_image_tokens=usage.image_out,
        output_reasoning_tokens=usage.reasoning,
        web_searches=usage.web_searches,
        storage_searches=usage.file_searches,
        code_executions=usage.code_executions,
        input_characters=usage.characters,
        audio_seconds=usage.audio_seconds,
        input_audio_seconds=usage.audio_seconds,
        output_audio_seconds=0,
        **dict.fromkeys(APART, 0),
    )


def priceable(price: Price, usage: Usage) -> Usage:
    """The classes that a model has a price for; an embedding has none for output."""
    return Usage.of({name: count for name, count in usage.counts().items() if is_priced(price, name)})


def corrected(provider: str, model: str) -> set[str]:
    """The classes whose price is not genai-prices' but a correction of ours."""
    return {CLASS_OF[key] for key in CORRECTIONS.get((provider, model), {})}


def is_priced(price: Price, name: str) -> bool:
    try:
        price.cost(Usage.of({name: 1}))
    except UnknownPrice:
        return False
    return True


def found_by_its_id(provider: types.Provider, model: types.ModelInfo) -> bool:
    """Whether genai-prices itself finds a model by its id: some ids are those of a family."""
    found = provider.find_model(model.id)
    return found is not None and found.id == model.id


NAMED = [(provider, model) for provider, model in COMPILED if found_by_its_id(provider, model)]
PER_CLASS = [Usage.of({name: 1_000_003}) for name in USAGE_CLASSES]


def assert_costs_agree(provider: types.Provider, model: types.ModelInfo, usage: Usage, at: datetime) -> None:
    price = shipped_book().price(provider.id, model.id, at)
    usage = priceable(price, usage).without(corrected(provider.id, model.id))
    expected = model.get_prices(at).calc_price(as_genai(usage))["total_price"]
    assert price.cost(usage) == expected, (provider.id, model.id, usage)


def test_the_cost_of_each_class_equals_genai_prices_for_every_model() -> None:
    assert len(NAMED) > 100
    for (provider, model), usage in product(NAMED, PER_CLASS):
        assert_costs_agree(provider, model, usage, TODAY)


@pytest.mark.parametrize(
    ("model", "rates"), CORRECTIONS.items(), ids=lambda value: value[1] if isinstance(value, tuple) else ""
)
def test_what_genai_prices_lacks_costs_what_the_provider_publishes(
    model: tuple[str, str], rates: dict[str, str]
) -> None:
    price = shipped_book().price(*model, TODAY)
    for key, rate in rates.items():
        per = 1000 if key.endswith("_kcount") else 1_000_000
        assert price.cost(Usage.of({CLASS_OF[key]: per})) == Decimal(rate)


@settings(max_examples=150)
@given(st.integers(0, len(NAMED) - 1), usages)
def test_the_cost_of_any_usage_equals_genai_prices(which: int, usage: Usage) -> None:
    assert_costs_agree(*NAMED[which], usage, TODAY)


def test_every_model_of_the_providers_we_speak_to_is_in_the_book_unless_it_has_no_token_price() -> None:
    ours = {(provider.id, model.id) for provider, model in COMPILED}
    left_out = [
        model
        for provider in providers
        if provider.id in ("openai", "anthropic")
        for model in provider.models
        if (provider.id, model.id) not in ours
    ]
    keys = {key for model in left_out for key, price in vars(model.get_prices(TODAY)).items() if price}
    assert not {key for key in keys if key.endswith("_mtok")}


def dated() -> list[tuple[types.Provider, types.ModelInfo, date]]:
    return [
        (provider, model, conditional.constraint.start_date)
        for provider, model in NAMED
        if isinstance(model.prices, list)
        for conditional in model.prices
        if isinstance(conditional.constraint, types.StartDateConstraint)
    ]


@pytest.mark.parametrize(("provider", "model", "day"), dated(), ids=lambda value: getattr(value, "id", None))
def test_a_dated_price_begins_with_its_day_in_utc(
    provider: types.Provider, model: types.ModelInfo, day: date
) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    before = midnight - timedelta(microseconds=1)
    for usage in PER_CLASS:
        assert_costs_agree(provider, model, usage, midnight)
        assert_costs_agree(provider, model, usage, before)
    book = shipped_book()
    assert book.price(provider.id, model.id, midnight) != book.price(provider.id, model.id, before)
    west_of_greenwich = midnight.astimezone(timezone(timedelta(hours=-8)))
    assert book.price(provider.id, model.id, west_of_greenwich) == book.price(provider.id, model.id, midnight)


def test_a_tier_begins_one_token_over_its_threshold_and_then_holds_for_every_token() -> None:
    price = shipped_book().price("anthropic", "claude-sonnet-4-5", TODAY)
    assert price.cost(Usage(input=200_000, output=1000)) == Decimal("0.615")
    assert price.cost(Usage(input=200_001, output=1000)) == Decimal("1.222506")
    assert price.cost(Usage(input=1, cache_read=100_000, cache_write_5m=100_000)) == Decimal("0.810006") * 1


def test_a_price_is_found_by_every_name_a_provider_gives_the_model() -> None:
    book = shipped_book()
    names = ("gpt-4o-mini", "gpt-4o-mini-2024-07-18", "GPT-4o-mini")
    assert len({book.price("openai", name, TODAY).cost(Usage(input=1)) for name in names}) == 1


@pytest.mark.parametrize(
    ("provider", "model"),
    [("openai", "gpt-nobody-knows"), ("openai", "claude-sonnet-4-5"), ("demo", "gpt-4o"), ("openai", "")],
)
def test_a_model_nobody_prices_is_unknown_not_free(provider: str, model: str) -> None:
    with pytest.raises(UnknownPrice, match="no price for model"):
        shipped_book().price(provider, model, TODAY)


def test_tokens_of_a_class_without_a_price_are_unknown_not_free() -> None:
    embedding = shipped_book().price("openai", "text-embedding-3-small", TODAY)
    assert embedding.cost(Usage(input=1_000_000)) == Decimal("0.02")
    assert embedding.cost(Usage()) == 0
    with pytest.raises(UnknownPrice, match="no price for output"):
        embedding.cost(Usage(input=1, output=1))


def test_own_prices_cover_their_classes_and_those_that_are_part_of_them() -> None:
    price = own_price({"input": Decimal(2), "cache_read": Decimal("0.5"), "output": Decimal(8)}, "v7")
    assert price.cost(Usage(input=100, cache_read=100, cache_write_5m=100)) == Decimal("0.00045")
    assert price.cost(Usage(output=10, reasoning=20)) == Decimal("0.00024")
    assert price.version == "v7"


def test_an_explicit_zero_is_a_price() -> None:
    free = own_price({"input": Decimal(0), "output": Decimal(0)}, "")
    assert free.cost(Usage(input=10**9, output=10**9)) == 0
    half = own_price({"input": Decimal(3), "cache_read": Decimal(0), "output": Decimal(1)}, "")
    assert half.cost(Usage(cache_read=10**9)) == 0


@given(st.decimals("0", "333333", places=12), st.integers(0, 10**12), st.integers(0, 10**12))
def test_a_cost_is_exact_whatever_the_price_and_the_counts(rate: Decimal, sent: int, made: int) -> None:
    cost = own_price({"input": rate, "output": rate * 3}, "").cost(Usage(input=sent, output=made))
    assert Fraction(cost) == Fraction(rate) * (sent + 3 * made) / 1_000_000


@pytest.mark.parametrize(
    ("rates", "complaint"),
    [
        ({"tokens": Decimal(1)}, "unknown price classes tokens"),
        ({"input": Decimal(-1)}, "input"),
        ({"input": Decimal("0.0000000000001")}, "input"),
        ({"input": Decimal(10) ** 9}, "input"),
    ],
)
def test_own_prices_that_could_not_be_charged_exactly_are_refused(
    rates: dict[str, Decimal], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        own_price(rates, "")


def test_the_version_is_the_hash_of_the_prices_and_the_shipped_book_is_the_compiled_one() -> None:
    shipped, compiled = json.loads(BOOK.read_text()), COMPILER["book"]()
    assert shipped == compiled, "run `make prices`"
    assert shipped_book().version == compiled["version"]


def a_book(*models: tuple[str, str]) -> dict[str, Any]:
    listed = [
        {
            "provider": "p",
            "id": name,
            "match": {"equals": name},
            "periods": [{"from": "", "rates": {"input_mtok": rate}}],
        }
        for name, rate in models
    ]
    return {"version": "v", "models": listed}


def test_compiling_tells_which_prices_came_went_and_changed() -> None:
    old, new = (
        a_book(("kept", "1"), ("gone", "1"), ("changed", "1")),
        a_book(("kept", "1"), ("changed", "2"), ("new", "1")),
    )
    came, went, changed = COMPILER["changes"](old, new)
    assert (came, went) == ("+ p/new", "- p/gone")
    assert changed.startswith("~ p/changed: ")
    assert COMPILER["changes"](old, old) == []
    assert COMPILER["changes"]({}, new) == ["+ p/changed", "+ p/kept", "+ p/new"]


@pytest.mark.parametrize(
    ("rule", "matching", "other"),
    [
        ({"equals": "Gpt-X"}, "gpt-x", "gpt-x1"),
        ({"starts_with": "gpt-"}, "gpt-1", "a-gpt-1"),
        ({"ends_with": "-mini"}, "gpt-mini", "gpt-mini-1"),
        ({"contains": "v2"}, "a-v2-b", "a-v1-b"),
        ({"regex": r"^gpt-\d+$"}, "gpt-42", "gpt-x"),
        ({"or": [{"equals": "a"}, {"equals": "b"}]}, "b", "c"),
        ({"and": [{"starts_with": "a"}, {"ends_with": "z"}]}, "a-z", "a-b"),
    ],
)
def test_a_name_matches_a_model_by_its_rule(rule: dict[str, Any], matching: str, other: str) -> None:
    book = PriceBook(
        loads(dumps({**a_book(("m", "1")), "models": [{**a_book(("m", "1"))["models"][0], "match": rule}]}))
    )
    assert book.price("p", matching, TODAY).cost(Usage(input=1_000_000)) == 1
    with pytest.raises(UnknownPrice):
        book.price("p", other, TODAY)
