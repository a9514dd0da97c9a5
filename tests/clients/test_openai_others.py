"""OpenAI's SDK: the smaller endpoints, and what is refused."""

from collections.abc import Callable
from typing import Any

import openai
import pytest

from tests.clients.books import assert_told
from tests.clients.stack import KEY, Stack

HELLO: Any = [{"role": "user", "content": "hello there, how are you?"}]
MODEL = "gpt-4o-mini"


def test_a_text_completion(stack: Stack, client: openai.OpenAI) -> None:
    model = "gpt-3.5-turbo-instruct"
    whole = client.completions.create(model=model, prompt="once upon a time", max_tokens=50)
    chunks = list(
        client.completions.create(model=model, prompt="once upon a time", max_tokens=50, stream=True)
    )
    assert whole.choices[0].text == "".join(chunk.choices[0].text for chunk in chunks)
    assert not any(chunk.usage for chunk in chunks)
    first, second = assert_told(stack, calls=2)
    assert first.usage == second.usage


def test_embeddings(stack: Stack, client: openai.OpenAI) -> None:
    made = client.embeddings.create(model="text-embedding-3-small", input=["one", "two"], dimensions=8)
    assert [len(each.embedding) for each in made.data] == [8, 8]
    (row,) = assert_told(stack, calls=1)
    assert row.usage == {"input": made.usage.prompt_tokens}


def test_moderation_is_free(stack: Stack, client: openai.OpenAI) -> None:
    assert not client.moderations.create(input="hello").results[0].flagged
    (row,) = assert_told(stack, calls=1)
    assert not row.usage
    assert row.cost == 0


def test_rerank(stack: Stack, client: openai.OpenAI) -> None:
    body = {"model": "rerank-v3.5", "query": "mills", "documents": ["a", "b"] * 60}
    best: Any = client.post("/rerank", body=body, cast_to=object)
    assert len(best["results"]) == 120
    (row,) = assert_told(stack, calls=1)
    assert row.usage == {"rerank_searches": 2}


def test_models(stack: Stack, client: openai.OpenAI) -> None:
    assert MODEL in {model.id for model in client.models.list()}
    assert client.models.retrieve(MODEL).id == MODEL
    assert stack.truth() == []


Refused = Callable[[openai.OpenAI], Any]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda c: c.chat.completions.create(model="gpt-zzz", messages=HELLO), openai.BadRequestError),
        (lambda c: c.chat.completions.create(model="claude-sonnet-4-5", messages=[]), openai.BadRequestError),
        (lambda c: c.post("/nowhere", body={}, cast_to=object), openai.NotFoundError),
        (
            lambda c: c.with_options(api_key="sk-wrong").chat.completions.create(model=MODEL, messages=HELLO),
            openai.AuthenticationError,
        ),
    ],
)
def test_refusals_are_the_sdks_own_errors(
    stack: Stack, client: openai.OpenAI, call: Refused, error: type[openai.APIStatusError]
) -> None:
    with pytest.raises(error) as refused:
        call(client)
    assert refused.value.body
    assert refused.value.response.headers["x-should-retry"] == "false"
    assert stack.truth() == []


def test_a_provider_that_is_too_busy_is_tried_again(stack: Stack) -> None:
    stack.faults(error_429=0.5, seed=3)
    with openai.OpenAI(base_url=f"{stack.url}/v1", api_key=KEY, max_retries=8) as client:
        client.chat.completions.create(model=MODEL, messages=HELLO)
    assert [row.ending for row in assert_told(stack, calls=2)] == ["upstream_error", "finished"]
