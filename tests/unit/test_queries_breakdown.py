from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tollgate.money import dumps, loads
from tollgate.queries.breakdown import Names, Share, less, sheet
from tollgate.queries.question import Parameters, question
from tollgate.queries.report import report
from tollgate.storage.counter_keys import Dims
from tollgate.storage.counters import Counter
from tollgate.storage.sums import SUMS, merge

DIMENSIONS = ("models", "model_groups", "providers", "endpoints", "api_keys", "entities")
CUSTOMERS = ("", "Unassigned", "unassigned", "acme", "Doe, John", "ü")
DAYS = ("2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02", "2026-03-31")

money = st.decimals("0", "9999", places=12)
counts = st.integers(0, 10**12)
sums = st.fixed_dictionaries({name: money if name in ("cost", "charge") else counts for name in SUMS})
dims = st.builds(
    Dims,
    model_group=st.sampled_from(["gpt-4o", "fast", ""]),
    model=st.sampled_from(["gpt-4o-2024-08-06", "claude-x", ""]),
    provider=st.sampled_from(["openai", ""]),
    endpoint=st.sampled_from(["/chat/completions", "/embeddings", ""]),
    key_id=st.sampled_from(["k1", "k2", ""]),
)
counters = st.builds(Counter, label=st.sampled_from(DAYS), dims=dims, sums=sums)
shares = st.lists(st.builds(Share, st.sampled_from(CUSTOMERS), counters), max_size=25)


def ask(**asked: Any) -> Any:
    return question(Parameters(start_date=DAYS[0], end_date=DAYS[-1], **asked))


def answer(spent: list[Share], **asked: Any) -> dict[str, Any]:
    found = sheet(share.counter for share in spent)
    return report(ask(**asked), found, spent, Names({"acme": "Acme Inc."}), "UTC")


def added(metrics: Iterable[dict[str, Any]]) -> dict[str, Any]:
    total: dict[str, Any] = {}
    for one in metrics:
        total = merge(total, one)
    return total


@given(shares)
def test_every_breakdown_of_a_day_adds_up_to_the_day(spent: list[Share]) -> None:
    for day in answer(spent)["results"]:
        for dimension in DIMENSIONS:
            parts = day["breakdown"][dimension].values()
            assert added(part["metrics"] for part in parts) == day["metrics"], dimension


@given(shares)
def test_the_keys_of_a_model_or_customer_add_up_to_it(spent: list[Share]) -> None:
    for day in answer(spent)["results"]:
        for dimension in set(DIMENSIONS) - {"api_keys"}:
            for part in day["breakdown"][dimension].values():
                keys = part["api_key_breakdown"].values()
                assert added(key["metrics"] for key in keys) == part["metrics"], dimension


@given(shares, st.integers(1, 6), st.integers(1, 3))
def test_the_totals_cover_all_days_whatever_the_page(spent: list[Share], page: int, size: int) -> None:
    whole = added(day["metrics"] for day in answer(spent, page_size=100)["results"])
    metadata = answer(spent, page=page, page_size=size)["metadata"]
    for name, value in whole.items():
        assert metadata[f"total_{name.removeprefix('total_')}"] == value


@given(shares, st.integers(1, 6))
def test_the_pages_one_after_another_are_the_whole_newest_day_first(spent: list[Share], size: int) -> None:
    whole = answer(spent, page_size=100)["results"]
    paged, page, more = [], 0, True
    while more:
        page += 1
        one = answer(spent, page=page, page_size=size)
        paged += one["results"]
        more = one["metadata"]["has_more"]
    assert paged == whole
    assert page == one["metadata"]["total_pages"]
    assert [day["date"] for day in whole] == sorted({s.counter.label for s in spent}, reverse=True)


@given(shares)
def test_no_customer_is_taken_for_another(spent: list[Share]) -> None:
    for day in answer(spent)["results"]:
        seen = {share.customer_id for share in spent if share.counter.label == day["date"]}
        entities = day["breakdown"]["entities"]
        assert len(entities) == len(seen)
        assert ("Unassigned" in entities) == ("" in seen)
        assert (" Unassigned" in entities) == ("Unassigned" in seen)


@given(shares, st.sets(st.sampled_from(CUSTOMERS)))
def test_leaving_customers_out_of_the_totals_is_as_if_they_had_never_called(
    spent: list[Share], gone: set[str]
) -> None:
    kept = sheet(share.counter for share in spent if share.customer_id not in gone)
    whole = sheet(share.counter for share in spent)
    left = less(whole, sheet(share.counter for share in spent if share.customer_id in gone))
    assert left == {
        day: some for day, of in kept.items() if (some := {d: s for d, s in of.items() if any(s.values())})
    }


@given(shares)
def test_no_digit_is_lost_on_the_way_to_json(spent: list[Share]) -> None:
    body = answer(spent)
    assert loads(dumps(body)) == body
    spend = sum((Decimal(share.counter.sums["charge"]) for share in spent), Decimal(0))
    assert body["metadata"]["total_spend"] == spend


def test_unknown_values_have_litellms_names() -> None:
    nothing = Dims("", "", "", "", "")
    (day,) = answer([Share("", Counter(DAYS[0], nothing, {"api_requests": 1}))])["results"]
    names = {dimension: list(day["breakdown"][dimension]) for dimension in DIMENSIONS}
    assert names == {
        "models": ["unknown-model"],
        "model_groups": ["unknown-model-group"],
        "providers": ["unknown"],
        "endpoints": ["unknown"],
        "api_keys": ["unattributed"],
        "entities": ["Unassigned"],
    }


def test_a_customer_carries_its_alias_and_the_unassigned_none() -> None:
    one = Counter(DAYS[0], Dims("m", "m", "openai", "/chat/completions", "k"), {"api_requests": 1})
    (day,) = answer([Share("acme", one), Share("", one)])["results"]
    assert day["breakdown"]["entities"]["acme"]["metadata"] == {"alias": "Acme Inc."}
    assert day["breakdown"]["entities"]["Unassigned"]["metadata"] == {"alias": None}


def test_a_day_has_all_of_litellms_metrics_and_maps() -> None:
    one = Counter(
        DAYS[0],
        Dims("fast", "gpt-4o", "openai", "/chat/completions", "k"),
        {
            "cost": Decimal("0.10"),
            "charge": Decimal("0.12"),
            "input": 1,
            "cache_read": 10,
            "cache_write_5m": 100,
            "cache_write_1h": 1_000,
            "audio_in": 10_000,
            "image_in": 100_000,
            "output": 2,
            "reasoning": 20,
            "audio_out": 200,
            "image_out": 2_000,
            "api_requests": 3,
            "successful_requests": 2,
            "failed_requests": 1,
            "response_time_ms": 450,
            "timed_requests": 2,
        },
    )
    body = answer([Share("acme", one)])
    (day,) = body["results"]
    metrics = {
        "spend": Decimal("0.12"),
        "flat_cost": 0,
        "ptu_hours": 0,
        "prompt_tokens": 111_111,
        "completion_tokens": 2_222,
        "cache_read_input_tokens": 10,
        "cache_creation_input_tokens": 1_100,
        "compression_saved_tokens": 0,
        "compression_savings_spend": 0,
        "prompt_caching_savings_spend": 0,
        "gateway_injected_caching_savings_spend": 0,
        "autorouter_savings_spend": 0,
        "total_tokens": 113_333,
        "successful_requests": 2,
        "failed_requests": 1,
        "api_requests": 3,
        "total_response_time_ms": 450,
        "timed_requests": 2,
    }
    nobody = dict.fromkeys(["key_alias", "team_id", "user_id", "user_email", "key_exists"])
    key = {"k": {"metrics": metrics, "metadata": nobody}}
    part = {"metrics": metrics, "metadata": {}, "api_key_breakdown": key}
    assert day == {
        "date": DAYS[0],
        "metrics": metrics,
        "breakdown": {
            "mcp_servers": {},
            "models": {"gpt-4o": part},
            "model_groups": {"fast": part},
            "providers": {"openai": part},
            "endpoints": {"/chat/completions": part},
            "api_keys": key,
            "entities": {"acme": {**part, "metadata": {"alias": "Acme Inc."}}},
            "guardrails": {},
        },
    }
    totals = {f"total_{name.removeprefix('total_')}": value for name, value in metrics.items()}
    assert body["metadata"] == {
        **totals,
        "page": 1,
        "total_pages": 1,
        "has_more": False,
        "api_key_limit": None,
        "total_api_keys": None,
        "entity_total_api_keys": None,
        "timezone": "UTC",
    }
