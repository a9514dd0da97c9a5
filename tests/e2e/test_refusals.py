"""What a caller is told through the deployed API when a call cannot be made."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from openai import BadRequestError, OpenAI

from tests.e2e.running import Deployed
from tests.truth import ledger_rows, truth_rows

CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}


def post(stack: Deployed, path: str, body: bytes, **headers: str) -> tuple[int, Any]:
    return sent(Request(f"{stack.url}{path}", body, headers))  # noqa: S310 - loopback


def get(stack: Deployed, path: str, **headers: str) -> tuple[int, Any]:
    return sent(Request(f"{stack.url}{path}", headers=headers))  # noqa: S310 - loopback


def sent(request: Request) -> tuple[int, Any]:
    try:
        with urlopen(request) as answer:  # noqa: S310 - loopback
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def bearer(stack: Deployed) -> dict[str, str]:
    return {"Authorization": f"Bearer {stack.key}", "Content-Type": "application/json"}


def test_health_needs_no_key(stack: Deployed) -> None:
    assert get(stack, "health") == (200, "I'm alive!")
    assert get(stack, "health/liveliness")[0] == 200


def test_models_are_listed_for_whoever_has_a_key(stack: Deployed) -> None:
    with OpenAI(base_url=f"{stack.url}v1", api_key=stack.key) as client:
        assert "gpt-4o" in {model.id for model in client.models.list()}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer sk-wrong"}, {"x-api-key": "nonsense"}])
def test_without_the_key_nothing_is_served(stack: Deployed, headers: dict[str, str]) -> None:
    before = truth_rows(stack.provider)
    status, answer = post(stack, "v1/chat/completions", json.dumps(CHAT).encode(), **headers)
    assert (status, answer["error"]["code"]) == (401, "401")
    assert get(stack, "v1/models", **headers)[0] == 401
    assert get(stack, "customer/info?end_user_id=x", **headers)[0] == 401
    activity = "customer/daily/activity?start_date=2026-01-01&end_date=2026-01-02"
    assert get(stack, activity, **headers)[0] == 401
    assert truth_rows(stack.provider) == before


@pytest.mark.parametrize("name", ["no-such-model", "gpt-but-without-a-price"])
def test_a_model_that_cannot_be_served_is_refused_before_the_call(stack: Deployed, name: str) -> None:
    before = truth_rows(stack.provider), ledger_rows(stack.dynamodb, stack.tables.ledger).keys()
    with (
        OpenAI(base_url=f"{stack.url}v1", api_key=stack.key, max_retries=0) as client,
        pytest.raises(BadRequestError) as refused,
    ):
        client.chat.completions.create(model=name, messages=[{"role": "user", "content": "hi"}])
    assert name in refused.value.message
    after = truth_rows(stack.provider), ledger_rows(stack.dynamodb, stack.tables.ledger).keys()
    assert after == before


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"model": "gpt-4o"}', json.dumps({**CHAT, "user": "u" * 257}).encode()]
)
def test_a_body_that_is_wrong_gets_400(stack: Deployed, body: bytes) -> None:
    status, answer = post(stack, "v1/chat/completions", body, **bearer(stack))
    assert (status, answer["error"]["code"]) == (400, "400")


def test_what_is_not_served_gets_404(stack: Deployed) -> None:
    status, answer = get(stack, "v1/no/such/route", **bearer(stack))
    assert (status, answer["error"]["type"]) == (404, "not_found")


def test_an_unknown_customer_gets_404(stack: Deployed) -> None:
    assert get(stack, "customer/info?end_user_id=nobody", **bearer(stack))[0] == 404
