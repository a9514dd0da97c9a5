"""models.yaml: what serves a model, and what it costs."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from tollgate.endpoints.endpoint import Endpoint
from tollgate.endpoints.table import CHAT, ENDPOINTS
from tollgate.errors import NotSpoken, UnknownModel, UnpricedModel
from tollgate.models import Deployment, Models, Wish, load_models
from tollgate.pricing import shipped_book
from tollgate.records import Usage

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FILE = """
providers:
  openai: {base_url: https://api.openai.test/v1/, base_url_env: OPENAI_BASE_URL, key: OPENAI_API_KEY}
  mirror: {base_url: http://mirror.test, prefix: /openai, priced_as: openai}
  local: {base_url: http://127.0.0.1:8000/v1}
models:
  - {name: fast, provider: openai, model: gpt-4o-mini}
  - {name: house, provider: local, model: llama, prices: {input: 0.1, cache_read: 0, output: 2.5e-1}}
  - {name: free, provider: local, prices: {input: 0, output: 0}}
  - {name: unpriced, provider: local}
  - {name: "mirrored/*", provider: mirror, model: gpt-4o}
  - {name: "gpt-4o-*", provider: mirror}
  - {name: "gpt-*", provider: openai}
"""


@pytest.fixture
def models(tmp_path: Path) -> Models:
    return loaded(tmp_path, FILE)


def loaded(folder: Path, text: str) -> Models:
    path = folder / "models.yaml"
    path.write_text(text)
    load_models.cache_clear()
    return load_models(str(path))


def serving(
    models: Models, name: object, endpoint: Endpoint = CHAT, *, allow_unpriced: bool = False
) -> Deployment:
    (found,) = models.deployments(Wish(name, endpoint, NOW, allow_unpriced=allow_unpriced))
    return found


def serving_somewhere(models: Models, name: str, *, allow_unpriced: bool = False) -> Deployment:
    """What serves a model at the first endpoint that its provider speaks."""
    for endpoint in ENDPOINTS:
        try:
            return serving(models, name, endpoint, allow_unpriced=allow_unpriced)
        except NotSpoken:
            continue
    raise AssertionError(f"{name} can be called nowhere")


def test_an_alias_is_served_by_its_model_and_priced_as_that(models: Models) -> None:
    fast = serving(models, "fast")
    assert (fast.model_group, fast.model, fast.provider_name) == ("fast", "gpt-4o-mini", "openai")
    assert fast.price == shipped_book().price("openai", "gpt-4o-mini", NOW)


def test_a_name_of_its_own_wins_over_patterns_and_the_first_pattern_over_later_ones(models: Models) -> None:
    assert serving(models, "gpt-4o-mini").provider_name == "mirror"
    assert serving(models, "gpt-4.1").provider_name == "openai"
    assert serving(models, "mirrored/anything").model == "gpt-4o"


def test_a_pattern_serves_only_what_has_a_price(models: Models) -> None:
    assert serving(models, "gpt-5").model == "gpt-5"
    with pytest.raises(UnpricedModel) as refused:
        serving(models, "gpt-of-the-future")
    assert (refused.value.status, refused.value.type, refused.value.param) == (
        400,
        "model_cost_map_missing",
        "model",
    )


def test_a_deployment_may_let_the_unpriced_pass(models: Models) -> None:
    assert serving(models, "unpriced", allow_unpriced=True).price is None
    with pytest.raises(UnpricedModel, match="ALLOW_UNPRICED"):
        serving(models, "unpriced")


def test_own_prices_keep_every_digit_and_an_explicit_zero_is_free(models: Models) -> None:
    house = serving(models, "house").price
    assert house is not None
    assert house.cost(Usage(input=1, output=1)) == Decimal("0.00000035")
    assert house.cost(Usage(cache_read=10**6)) == 0
    free = serving(models, "free").price
    assert free is not None
    assert free.cost(Usage(input=10**9, output=10**9)) == 0


def test_own_prices_carry_a_version_that_changes_with_the_file(models: Models, tmp_path: Path) -> None:
    changed = loaded(tmp_path, FILE.replace("input: 0.1,", "input: 0.2,"))
    versions = [price.version for m in (models, changed) if (price := serving(m, "house").price)]
    assert len(set(versions)) == 2


@pytest.mark.parametrize(
    "name", ["nope", "", None, 7, ["gpt-4o"], "GPT-4o-mini", "gpt-4o\n", "gpt-4o-✓", "gpt-" + "x" * 125]
)
def test_what_no_entry_serves_is_an_unknown_model(models: Models, name: object) -> None:
    with pytest.raises(UnknownModel) as refused:
        serving(models, name)
    assert (refused.value.status, refused.value.param) == (400, "model")
    assert "/v1/models" in refused.value.message
    assert len(refused.value.message) < 400


def test_every_model_that_is_listed_can_be_asked_for(models: Models) -> None:
    for found in (models, load_models()):
        names = found.names(shipped_book())
        assert len(names) == len(set(names))
        for name in names:
            serving_somewhere(found, name, allow_unpriced=True)


def test_the_list_spells_patterns_out_and_keeps_the_names_of_the_file_first(models: Models) -> None:
    names = models.names(shipped_book())
    assert names[:4] == ["fast", "house", "free", "unpriced"]
    assert {"gpt-4o-mini", "gpt-4.1", "gpt-5"} <= set(names)
    assert not [name for name in names if "*" in name]


def test_the_shipped_file_serves_what_the_readme_promises() -> None:
    shipped = load_models()
    names = shipped.names(shipped_book())
    assert names[:4] == ["gpt-3.5-turbo", "gpt-4o", "gpt-4o-mini", "text-embedding-3-small"]
    assert {"gpt-5", "claude-sonnet-4-5", "claude-haiku-4-5"} <= set(names)
    assert all(serving_somewhere(shipped, name).price for name in names)
    assert serving(shipped, "claude-sonnet-4-5").provider_name == "anthropic"


def test_the_base_url_comes_from_the_environment_when_it_is_set(
    models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    provider = serving(models, "fast").provider
    assert provider.base == "https://api.openai.test/v1"
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:4001/v1/")
    assert serving(models, "fast").provider.base == "http://127.0.0.1:4001/v1"
    assert serving(models, "gpt-4o-mini").provider.base == "http://mirror.test/openai"


def test_the_key_is_named_by_the_file_and_held_by_the_environment(
    models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret:providers#openai")
    assert serving(models, "fast").provider.key_reference() == "secret:providers#openai"
    monkeypatch.delenv("OPENAI_API_KEY")
    assert serving(models, "fast").provider.key_reference() == ""
    assert serving(models, "house").provider.key_reference() == ""


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ("{name: m, provider: nobody}", "model 'm' names unlisted provider 'nobody'"),
        ("{name: m, provider: openai, prices: {tokens: 1}}", "unknown price classes tokens"),
        ("{name: m, provider: openai, prices: {input: -1}}", "the price of input"),
        ("{name: m, provider: openai, prices: {input: .nan}}", "finite|price of input"),
        ("{name: m, provider: openai, prices: {input: cheap}}", "prices.input"),
        ("{name: m, provider: openai, price: {input: 1}}", "price"),
        ("{name: '', provider: openai}", "name"),
        ("{provider: openai}", "name"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, wrong: str, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        loaded(tmp_path, FILE + f"  - {wrong}\n")


@pytest.mark.parametrize("text", ["", "[]", "just text"])
def test_a_file_of_another_shape_says_what_it_should_hold(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="`providers` and `models`"):
        loaded(tmp_path, text)
