"""Anthropic's SDK, synchronous and asynchronous."""

import asyncio
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest

from tests.clients.books import assert_told
from tests.clients.stack import KEY, Stack

MODEL = "claude-opus-4-8"
HELLO: Any = [{"role": "user", "content": "hello there"}]
WEATHER: Any = {
    "name": "weather",
    "input_schema": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
}
LONG: Any = {"type": "text", "text": "w" * 20_000, "cache_control": {"type": "ephemeral"}}
CLAUDE_CODE_USER = "user_0123abc_account_4567-def_session_89ab-cdef"


@pytest.fixture
def client(stack: Stack) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=stack.url, api_key=KEY, max_retries=0, timeout=20) as client:
        yield client


def test_a_message(stack: Stack, client: anthropic.Anthropic) -> None:
    message = client.messages.create(
        model=MODEL, max_tokens=100, messages=HELLO, metadata={"user_id": "acme"}
    )
    (row,) = assert_told(stack, calls=1)
    assert row.usage == {"input": message.usage.input_tokens, "output": message.usage.output_tokens}
    assert row.customer == "acme"


def test_the_base_url_may_be_an_endpoint(stack: Stack) -> None:
    with anthropic.Anthropic(base_url=f"{stack.url}/v1/messages", api_key=KEY, max_retries=0) as client:
        client.messages.create(model=MODEL, max_tokens=100, messages=HELLO)
        assert client.messages.count_tokens(model=MODEL, messages=HELLO).input_tokens > 0
    assert_told(stack, calls=2)


def test_a_bearer_token_lets_in_as_well(stack: Stack) -> None:
    with anthropic.Anthropic(base_url=stack.url, auth_token=KEY, max_retries=0) as client:
        client.messages.create(model=MODEL, max_tokens=100, messages=HELLO)
    assert_told(stack, calls=1)


def test_streams(stack: Stack, client: anthropic.Anthropic) -> None:
    events = list(client.messages.create(model=MODEL, max_tokens=100, messages=HELLO, stream=True))
    assert (events[0].type, events[-1].type) == ("message_start", "message_stop")
    with client.messages.stream(model=MODEL, max_tokens=100, messages=HELLO) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert [block.text for block in final.content if block.type == "text"] == [text]
    first, second = assert_told(stack, calls=2)
    assert first.usage == second.usage
    assert final.usage.output_tokens == second.usage["output"]


def test_thought_is_apart_from_output(stack: Stack, client: anthropic.Anthropic) -> None:
    thinking: Any = {"type": "enabled", "budget_tokens": 1024}
    with client.messages.stream(model=MODEL, max_tokens=2000, messages=HELLO, thinking=thinking) as stream:
        kinds = [block.type for block in stream.get_final_message().content]
    assert kinds == ["thinking", "text"]
    (row,) = assert_told(stack, calls=1)
    assert row.usage["reasoning"] > 0


def test_counting_is_free(stack: Stack, client: anthropic.Anthropic) -> None:
    assert client.messages.count_tokens(model=MODEL, messages=HELLO).input_tokens == 6
    (row,) = assert_told(stack, calls=1)
    assert not row.usage
    assert row.cost == 0


@pytest.mark.parametrize(("ttl", "lifetime"), [({}, "cache_write_5m"), ({"ttl": "1h"}, "cache_write_1h")])
@pytest.mark.parametrize("stream", [False, True])
def test_prompt_caching(
    stack: Stack, client: anthropic.Anthropic, ttl: dict[str, str], lifetime: str, *, stream: bool
) -> None:
    system: Any = [{**LONG, "cache_control": {**LONG["cache_control"], **ttl}}]
    answer = client.messages.create(model=MODEL, max_tokens=100, messages=HELLO, system=system, stream=stream)
    if isinstance(answer, anthropic.Stream):
        list(answer)
    (row,) = assert_told(stack, calls=1)
    assert row.usage["cache_read"] > 0
    assert row.usage[lifetime] > 0


def test_tools_are_called_until_there_is_nothing_left_to_call(
    stack: Stack, client: anthropic.Anthropic
) -> None:
    asked = 'call weather with {"place": "Ulm"} and then call weather with {"place": "Bonn"}'
    messages: Any = [{"role": "user", "content": asked}]
    places = []
    while True:
        with client.messages.stream(
            model=MODEL, max_tokens=500, messages=messages, tools=[WEATHER]
        ) as stream:
            message = stream.get_final_message()
        uses = [block for block in message.content if block.type == "tool_use"]
        if not uses:
            break
        places += [use.input["place"] for use in uses]
        results = [{"type": "tool_result", "tool_use_id": use.id, "content": "rain"} for use in uses]
        messages += [{"role": "assistant", "content": message.content}, {"role": "user", "content": results}]
    assert places == ["Ulm", "Bonn"]
    assert message.stop_reason == "end_turn"
    assert_told(stack, calls=3)


def test_a_tool_that_must_be_called(stack: Stack, client: anthropic.Anthropic) -> None:
    choice: Any = {"type": "tool", "name": "weather"}
    message = client.messages.create(
        model=MODEL, max_tokens=100, messages=HELLO, tools=[WEATHER], tool_choice=choice
    )
    assert message.stop_reason == "tool_use"
    assert_told(stack, calls=1)


@pytest.mark.parametrize("stream", [False, True])
def test_web_searches_are_counted_one_by_one(
    stack: Stack, client: anthropic.Anthropic, *, stream: bool
) -> None:
    tools: Any = [{"type": "web_search_20250305", "name": "web_search"}]
    asked: Any = [{"role": "user", "content": "search the web for mills, then search the web for bridges"}]
    answer = client.messages.create(model=MODEL, max_tokens=500, messages=asked, tools=tools, stream=stream)
    if isinstance(answer, anthropic.Stream):
        list(answer)
    (row,) = assert_told(stack, calls=1)
    assert row.usage["web_searches"] == 2


async def test_many_calls_at_once(stack: Stack) -> None:
    async with anthropic.AsyncAnthropic(base_url=stack.url, api_key=KEY, max_retries=0) as client:

        async def whole(number: int) -> None:
            said: Any = [{"role": "user", "content": f"number {number}"}]
            await client.messages.create(model=MODEL, max_tokens=100, messages=said)

        async def streamed(number: int) -> None:
            said: Any = [{"role": "user", "content": f"number {number}"}]
            async with client.messages.stream(model=MODEL, max_tokens=100, messages=said) as stream:
                assert await stream.get_final_text()

        await asyncio.gather(*(do(number) for number in range(15) for do in (whole, streamed)))
    assert_told(stack, calls=30)


def test_the_user_id_of_claude_code_is_account_and_session(stack: Stack, client: anthropic.Anthropic) -> None:
    metadata: Any = {"user_id": CLAUDE_CODE_USER}
    client.messages.create(model=MODEL, max_tokens=100, messages=HELLO, metadata=metadata)
    (row,) = assert_told(stack, calls=1)
    assert (row.customer, row.session) == ("4567-def", "89ab-cdef")


def test_models(stack: Stack, client: anthropic.Anthropic) -> None:
    assert MODEL in {model.id for model in client.models.list()}
    assert client.models.retrieve(MODEL).id == MODEL


def test_refusals_are_the_sdks_own_errors(stack: Stack, client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.AuthenticationError) as refused:
        client.with_options(api_key="sk-wrong").messages.create(model=MODEL, max_tokens=9, messages=HELLO)
    assert refused.value.type == "authentication_error"
    with pytest.raises(anthropic.BadRequestError) as refused_model:
        client.messages.create(model="claude-zzz", max_tokens=9, messages=HELLO)
    assert refused_model.value.type == "invalid_request_error"
    with pytest.raises(anthropic.BadRequestError, match="chat/completions"):
        client.messages.create(model="gpt-4o", max_tokens=9, messages=HELLO)
    assert stack.truth() == []


def test_a_big_prompt(stack: Stack, client: anthropic.Anthropic) -> None:
    said: Any = [{"role": "user", "content": "mill " * 1_000_000}]
    client.messages.create(model=MODEL, max_tokens=100, messages=said)
    (row,) = assert_told(stack, calls=1)
    assert row.usage["input"] == 1_250_003
    with pytest.raises(anthropic.RequestTooLargeError):
        client.messages.create(model=MODEL, max_tokens=9, messages=said * 3)
