"""Labels of a call: where they come from, what is refused, and that no provider sees them."""

from typing import Any

import pytest

from tests.builders import MASTER_KEY, answers, chat_body
from tests.fakes import LEDGER, FakeAws, FakeProvider
from tests.stack import Stack
from tollgate.endpoints.table import CHAT
from tollgate.errors import BadRequest
from tollgate.money import dumps, loads
from tollgate.tags import spend_logs_metadata, tags_of

KEY = {"authorization": f"Bearer {MASTER_KEY}"}


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({}, {}, ()),
        ({}, {"metadata": {"tags": ["b", "a", "b", " a "]}}, ("a", "b")),
        ({}, {"litellm_metadata": {"tags": ["a"]}}, ("a",)),
        ({"x-litellm-tags": "eu, prod,,"}, {}, ("eu", "prod")),
        ({"x-litellm-tags": "eu"}, {"metadata": {"tags": ["job #1"]}}, ("eu", "job #1")),
        ({"x-litellm-tags": "zo\u00c3\u00ab"}, {}, ("zoë",)),  # UTF-8 that ASGI hands over as Latin-1
        ({}, {"metadata": {"tags": "a text of the client's own"}}, ()),
        ({}, {"metadata": "no object", "litellm_metadata": None}, ()),
    ],
)
def test_tags_come_from_body_and_header(
    headers: dict[str, str], body: Any, expected: tuple[str, ...]
) -> None:
    assert tags_of(headers, body) == expected


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ([f"t{n}" for n in range(21)], "The call has 21 tags; at most 20 are allowed."),
        (["x" * 129], "A tag has 129 characters; at most 128 are allowed."),
        (["a", 1], "metadata.tags must be a list of strings."),
    ],
)
def test_too_many_too_long_and_odd_tags_are_refused(tags: list[Any], told: str) -> None:
    with pytest.raises(BadRequest) as refused:
        tags_of({}, {"metadata": {"tags": tags}})
    assert (refused.value.message, refused.value.param) == (told, "tags")


def test_as_many_and_as_long_as_allowed_are_taken() -> None:
    tags = [f"{n:02}".ljust(128, "ü") for n in range(20)]
    assert tags_of({}, {"metadata": {"tags": tags}}) == tuple(tags)


def test_the_header_of_metadata_goes_over_the_body() -> None:
    header = {"x-litellm-spend-logs-metadata": '{"job":"j2","cost":0.10}'}
    body = {"metadata": {"spend_logs_metadata": {"job": "j1", "team": "t"}}}
    assert loads(spend_logs_metadata(header, body)) == loads('{"job":"j2","team":"t","cost":0.10}')
    assert spend_logs_metadata({}, {}) == ""


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"x-litellm-spend-logs-metadata": "{"}, {}),
        ({"x-litellm-spend-logs-metadata": "[]"}, {}),
        ({}, {"metadata": {"spend_logs_metadata": "text"}}),
        ({}, {"metadata": {"spend_logs_metadata": {"a": "x" * 1020}}}),
    ],
)
def test_metadata_that_is_no_object_or_too_large_is_refused(headers: dict[str, str], body: Any) -> None:
    with pytest.raises(BadRequest) as refused:
        spend_logs_metadata(headers, body)
    assert refused.value.param == "spend_logs_metadata"


@pytest.mark.parametrize(
    ("metadata", "seen"),
    [
        ({"tags": ["prod"], "spend_logs_metadata": {"job": "j1"}, "user_id": "acme"}, {"user_id": "acme"}),
        ({"tags": ["prod"]}, None),
        ({"tags": "mine", "user_id": "acme"}, {"tags": "mine", "user_id": "acme"}),
    ],
)
async def test_labels_are_in_the_ledger_and_not_at_the_provider(
    stack: Stack, aws: FakeAws, metadata: dict[str, Any], seen: dict[str, Any] | None
) -> None:
    provider = FakeProvider(answers())
    body = chat_body(metadata=metadata, litellm_metadata={"tags": ["eu"]})
    await stack.gateway(provider).call(CHAT, KEY, dumps(body))
    sent = loads(provider.requests[0].content)
    assert sent.get("metadata") == seen
    assert "litellm_metadata" not in sent
    (item,) = aws.items(LEDGER)
    expected = ["eu", "prod"] if isinstance(metadata["tags"], list) else ["eu"]
    assert item["tags"] == {"SS": expected}
    if "spend_logs_metadata" in metadata:
        assert loads(item["spend_logs_metadata"]["S"]) == {"job": "j1"}
    else:
        assert "spend_logs_metadata" not in item


async def test_a_call_without_labels_goes_on_byte_for_byte_and_its_entry_is_as_small_as_before(
    stack: Stack, aws: FakeAws
) -> None:
    provider, raw = (
        FakeProvider(answers()),
        b'{ "model":"gpt-4o-mini",  "messages":[{"role":"user","content":"x"}]}',
    )
    await stack.gateway(provider).call(CHAT, KEY, raw)
    assert provider.requests[0].content == raw
    (item,) = aws.items(LEDGER)
    assert not item.keys() & {"tags", "spend_logs_metadata"}


async def test_a_call_with_odd_labels_is_not_made(stack: Stack, aws: FakeAws) -> None:
    provider = FakeProvider(answers())
    with pytest.raises(BadRequest):
        await stack.gateway(provider).call(CHAT, KEY, dumps(chat_body(metadata={"tags": [1]})))
    assert not provider.requests
    assert not aws.items(LEDGER)
