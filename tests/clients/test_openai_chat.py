"""OpenAI's SDK: chat completions, whole, streamed, and with tools."""

from typing import Any

import openai

from tests.clients.books import assert_told
from tests.clients.stack import Stack

HELLO: Any = [{"role": "user", "content": "hello there, how are you?"}]
MODEL = "gpt-4o-mini"
WEATHER: Any = {
    "name": "weather",
    "parameters": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
}
ASK = 'call weather with {"place": "Ulm"} and then call weather with {"place": "Bonn"}'


def test_a_chat_completion(stack: Stack, client: openai.OpenAI) -> None:
    answer = client.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO, user="acme")
    completion = answer.parse()
    (row,) = assert_told(stack, calls=1)
    assert completion.usage
    assert completion.choices[0].message.content
    assert row.usage["output"] == completion.usage.completion_tokens
    assert (row.customer, answer.headers["x-litellm-customer-id"]) == ("acme", "acme")
    assert answer.headers["x-litellm-call-id"] == row.call_id
    assert answer.headers["x-litellm-response-cost"] == f"{row.cost.normalize():f}"


def test_a_streamed_chat_shows_usage_only_to_who_asked(stack: Stack, client: openai.OpenAI) -> None:
    plain = list(client.chat.completions.create(model=MODEL, messages=HELLO, stream=True))
    asked = list(
        client.chat.completions.create(
            model=MODEL, messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
    )
    first, second = assert_told(stack, calls=2)
    assert first.usage == second.usage
    assert not any(chunk.usage for chunk in plain)
    assert all(chunk.choices for chunk in plain)
    assert asked[-1].usage
    assert asked[-1].usage.completion_tokens == second.usage["output"]


def test_the_chat_stream_helper(stack: Stack, client: openai.OpenAI) -> None:
    with client.chat.completions.stream(model=MODEL, messages=HELLO) as stream:
        deltas = [event.delta for event in stream if event.type == "content.delta"]
        final = stream.get_final_completion()
    assert final.choices[0].message.content == "".join(deltas)
    assert_told(stack, calls=1)


def test_a_long_prompt_is_read_from_the_cache(stack: Stack, client: openai.OpenAI) -> None:
    client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "x" * 9000}])
    (row,) = assert_told(stack, calls=1)
    assert row.usage["cache_read"] == 2176


def test_reasoning_is_apart_from_output(stack: Stack, client: openai.OpenAI) -> None:
    client.chat.completions.create(model="gpt-5-mini", messages=HELLO)
    client.responses.create(model="gpt-5-mini", input="think")
    assert all(row.usage["reasoning"] for row in assert_told(stack, calls=2))


def test_tools_are_called_until_there_is_nothing_left_to_call(stack: Stack, client: openai.OpenAI) -> None:
    messages: list[Any] = [{"role": "user", "content": ASK}]
    tools: Any = [{"type": "function", "function": WEATHER}]
    asked = []
    while True:
        message = (
            client.chat.completions.create(model=MODEL, messages=messages, tools=tools).choices[0].message
        )
        if not message.tool_calls:
            break
        (call,) = message.tool_calls
        assert call.type == "function"
        asked.append(call.function.arguments)
        messages += [message, {"role": "tool", "tool_call_id": call.id, "content": "rain"}]
    assert asked == ['{"place":"Ulm"}', '{"place":"Bonn"}']
    assert message.content
    assert_told(stack, calls=3)


def test_a_streamed_tool_call(stack: Stack, client: openai.OpenAI) -> None:
    tools: Any = [{"type": "function", "function": {**WEATHER, "strict": True}}]
    asked: Any = [{"role": "user", "content": ASK}]
    with client.chat.completions.stream(model=MODEL, messages=asked, tools=tools) as stream:
        final = stream.get_final_completion()
    assert final.choices[0].finish_reason == "tool_calls"
    assert final.choices[0].message.tool_calls
    assert final.choices[0].message.tool_calls[0].function.arguments == '{"place":"Ulm"}'
    assert_told(stack, calls=1)
