"""No answer that a provider documents, and none of the demo provider's, costs more than was held for it."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.demo.anthropic_messages import Messages
from local.demo.endpoint import Endpoint as Demo
from local.demo.openai_chat import ChatCompletions
from local.demo.openai_completions import Completions
from local.demo.openai_embeddings import Embeddings
from local.demo.openai_images import ImageGenerations
from local.demo.openai_speech import Speech
from tests import demanding
from tests.accuracy import replay
from tests.accuracy.asking import request_of
from tests.accuracy.corpus import Case, cases
from tollgate.endpoints.table import endpoint_at
from tollgate.money import dumps
from tollgate.records import Usage

FORMS: Final = ("/images/edits", "/audio/transcriptions", "/audio/translations")  # they tell no length
ASKED: Final = [case for case in cases() if case.endpoint not in FORMS]
# What a request does not determine: cases by the start of their names, with the reason.
EXCEPT: Final = {
    "xai_chat: a cost with its tools": "the tools of xAI have fees that the book has not",
    "xai_responses: the cost it reports": "the same",
    "openrouter_chat: a key of one's own": "OpenRouter's fee comes on top of the price of the model",
}


@pytest.mark.parametrize("case", ASKED, ids=lambda case: case.id)
def test_a_documented_answer_costs_no_more_than_its_request_demands(case: Case) -> None:
    endpoint, body = replay.endpoint_of(case), request_of(case)
    held = demanding.of(endpoint, dumps(body), replay.deployment_of(case)).cost
    is_excepted = any(case.id.startswith(name) for name in EXCEPT)
    assert (held < case.cost) == is_excepted


texts = st.text(max_size=200) | st.builds(
    lambda text, times: text * times, st.text(max_size=4), st.integers(0, 2000)
)
marked = st.builds(
    lambda text, mark: {"type": "text", "text": text, **mark},
    texts,
    st.sampled_from(
        [
            {},
            {"cache_control": {"type": "ephemeral"}},
            {"cache_control": {"type": "ephemeral", "ttl": "1h"}},
        ]
    ),
)
turns = st.lists(
    st.builds(
        lambda content: {"role": "user", "content": content}, texts | st.lists(marked, min_size=1, max_size=3)
    ),
    min_size=1,
    max_size=4,
)
limits = st.integers(1, 500)


def bodies(models: tuple[str, ...], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"model": st.sampled_from(models)} | fields)


CHATTING: Final = ("gpt-3.5-turbo", "gpt-4o-mini", "gpt-5", "o3")
ASKING: Final = [
    (ChatCompletions(), bodies(CHATTING, messages=turns)),
    (ChatCompletions(), bodies(CHATTING, messages=turns, max_tokens=limits)),
    (Completions(), bodies(("gpt-3.5-turbo-instruct",), prompt=texts, max_tokens=limits)),
    (Messages(), bodies(("claude-opus-4-8", "claude-haiku-4-5"), messages=turns, max_tokens=limits)),
    (Embeddings(), bodies(("text-embedding-3-small",), input=texts)),
    (ImageGenerations(), bodies(("gpt-image-1",), prompt=texts, n=st.integers(1, 10))),
    (Speech(), bodies(("gpt-4o-mini-tts", "tts-1"), input=texts, voice=st.just("alloy"))),
]


@pytest.mark.parametrize(("demo", "asked"), ASKING)
@given(st.data())
def test_an_answer_of_the_demo_provider_costs_no_more_than_was_held(
    demo: Demo, asked: st.SearchStrategy[dict[str, Any]], data: st.DataObject
) -> None:
    body, endpoint = data.draw(asked), endpoint_at(demo.path)
    assert endpoint is not None
    used = Usage.of(demo.generate(body).usage)
    deployment = demanding.shipped(endpoint, body["model"])
    assert deployment.price is not None
    held = demanding.of(endpoint, dumps(body), deployment)
    assert held.cost >= deployment.price.cost(used)
    assert held.tokens >= used.prompt_tokens + used.completion_tokens
