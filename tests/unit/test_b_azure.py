"""Azure OpenAI: by deployment and api-version, or by its newer API; priced as what a deployment is."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import answers, chat_body, completion
from tests.calling import call, catalogue, only
from tests.fakes import FakeProvider
from tests.stack import Stack
from tollgate.endpoints.table import CHAT, EMBEDDINGS, MODERATIONS, RESPONSES, SPEECH
from tollgate.errors import NotSpoken, UnpricedModel
from tollgate.models import Models

HOST = "https://acme.openai.azure.com"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-key")


def models(api_version: str = "2024-10-21", base_url: str = HOST, **model: Any) -> Models:
    azure = {
        "api": "azure",
        "base_url": base_url,
        "api_version": api_version,
        "key": "AZURE_OPENAI_API_KEY",
    }
    alias = {"name": "fast", "provider": "azure", "model": "our mini", "price_of": "gpt-4o-mini", **model}
    return catalogue({"azure": azure}, alias)


RESPONSE = {"object": "response", "status": "completed", "usage": {"input_tokens": 3, "output_tokens": 2}}


@pytest.mark.parametrize(
    ("endpoint", "body", "path"),
    [
        (CHAT, chat_body(), "/openai/deployments/our%20mini/chat/completions?api-version=2024-10-21"),
        (EMBEDDINGS, {"input": "x"}, "/openai/deployments/our%20mini/embeddings?api-version=2024-10-21"),
        (SPEECH, {"input": "x"}, "/openai/deployments/our%20mini/audio/speech?api-version=2024-10-21"),
        (RESPONSES, {"input": "x"}, "/openai/responses?api-version=2024-10-21"),
    ],
)
async def test_a_dated_version_names_the_deployment_in_the_path(
    stack: Stack, endpoint: Any, body: Any, path: str
) -> None:
    provider = FakeProvider(answers(RESPONSE))
    await call(stack.gateway(provider, models=models()), endpoint, {**body, "model": "fast"})
    (request,) = provider.requests
    assert str(request.url) == HOST + path
    assert request.headers["api-key"] == "azure-key"
    assert "authorization" not in request.headers
    assert json.loads(request.content)["model"] == "our mini"


@pytest.mark.parametrize("base_url", [HOST, f"{HOST}/", f"{HOST}/openai", f"{HOST}/openai/v1/"])
async def test_version_v1_is_called_as_openai_is(stack: Stack, base_url: str) -> None:
    provider = FakeProvider(answers(completion()))
    await call(stack.gateway(provider, models=models("v1", base_url)), CHAT, chat_body(model="fast"))
    (request,) = provider.requests
    assert str(request.url) == f"{HOST}/openai/v1/chat/completions"
    assert request.headers["api-key"] == "azure-key"
    assert json.loads(request.content)["model"] == "our mini"


async def test_a_deployment_is_priced_as_the_model_that_it_is(stack: Stack) -> None:
    await call(
        stack.gateway(FakeProvider(answers(completion())), models=models()), CHAT, chat_body(model="fast")
    )
    event = only(stack)
    assert (event.entry.model_group, event.entry.model, event.entry.provider) == ("fast", "our mini", "azure")
    # https://azure.microsoft.com/pricing/details/azure-openai: 0.15 and 0.60 USD a million
    assert event.cost == (10 * Decimal("0.15") + 5 * Decimal("0.6")) / 1_000_000


async def test_a_deployment_of_an_unknown_name_is_refused_with_what_to_do(stack: Stack) -> None:
    with pytest.raises(UnpricedModel, match="Set `prices` or `price_of`"):
        await call(stack.gateway(models=models(price_of="")), CHAT, chat_body(model="fast"))


async def test_a_deployments_own_prices_win(stack: Stack) -> None:
    own = models(prices={"input": Decimal(1), "output": Decimal(2)})
    await call(stack.gateway(FakeProvider(answers(completion())), models=own), CHAT, chat_body(model="fast"))
    assert only(stack).cost == Decimal("0.00002")


async def test_what_azure_does_not_have_is_refused(stack: Stack) -> None:
    with pytest.raises(NotSpoken, match="does not speak /v1/moderations"):
        await call(stack.gateway(models=models()), MODERATIONS, {"model": "fast", "input": "x"})
