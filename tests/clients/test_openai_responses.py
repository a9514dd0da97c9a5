"""OpenAI's SDK: responses, in every way they can end, with tools, stored, and in the background."""

from typing import Any

import openai
import pytest

from tests.clients.books import assert_told
from tests.clients.stack import Stack

MODEL = "gpt-4o-mini"
WEATHER: Any = {
    "name": "weather",
    "parameters": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
}
ASK = 'call weather with {"place": "Ulm"} and then call weather with {"place": "Bonn"}'


def test_a_response(stack: Stack, client: openai.OpenAI) -> None:
    response = client.responses.create(model=MODEL, input="hello", user="acme")
    assert response.output_text
    (row,) = assert_told(stack, calls=1)
    assert response.usage
    assert row.usage == {"input": response.usage.input_tokens, "output": response.usage.output_tokens}
    assert row.customer == "acme"


def test_a_streamed_response(stack: Stack, client: openai.OpenAI) -> None:
    events = list(client.responses.create(model=MODEL, input="hello", stream=True))
    assert [event.type for event in events][:2] == ["response.created", "response.in_progress"]
    assert events[-1].type == "response.completed"
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert_told(stack, calls=1)


def test_the_response_stream_helper(stack: Stack, client: openai.OpenAI) -> None:
    with client.responses.stream(model=MODEL, input="hello") as stream:
        deltas = [event.delta for event in stream if event.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert final.output_text == "".join(deltas)
    assert_told(stack, calls=1)


def test_a_response_that_runs_into_its_limit(stack: Stack, client: openai.OpenAI) -> None:
    events = list(client.responses.create(model=MODEL, input="hello", max_output_tokens=3, stream=True))
    assert events[-1].type == "response.incomplete"
    whole = client.responses.create(model=MODEL, input="hello", max_output_tokens=3)
    assert (whole.status, whole.incomplete_details and whole.incomplete_details.reason) == (
        "incomplete",
        "max_output_tokens",
    )
    assert [row.usage["output"] for row in assert_told(stack, calls=2)] == [3, 3]


def test_a_response_that_fails_is_charged_for(stack: Stack, client: openai.OpenAI) -> None:
    demo = {"demo": {"fault": "failed"}}
    events = list(client.responses.create(model=MODEL, input="hello", stream=True, extra_body=demo))
    assert events[-1].type == "response.failed"
    assert client.responses.create(model=MODEL, input="hello", extra_body=demo).status == "failed"
    assert_told(stack, calls=2)


def test_web_searches_are_counted_one_by_one(stack: Stack, client: openai.OpenAI) -> None:
    twice = "search the web for bridges, and search the web for mills"
    client.responses.create(model="gpt-4o", input=twice, tools=[{"type": "web_search"}])
    list(client.responses.create(model="gpt-4o", input=twice, tools=[{"type": "web_search"}], stream=True))
    assert [row.usage["web_searches"] for row in assert_told(stack, calls=2)] == [2, 2]


def test_a_conversation_of_responses_with_tools(stack: Stack, client: openai.OpenAI) -> None:
    tools: Any = [{"type": "function", "strict": False, **WEATHER}]
    response = client.responses.create(model=MODEL, input=ASK, tools=tools)
    asked = []
    while calls := [item for item in response.output if item.type == "function_call"]:
        asked += [call.arguments for call in calls]
        told: Any = [{"type": "function_call_output", "call_id": calls[0].call_id, "output": "rain"}]
        response = client.responses.create(
            model=MODEL, input=told, tools=tools, previous_response_id=response.id
        )
    assert asked == ['{"place":"Ulm"}', '{"place":"Bonn"}']
    assert response.output_text
    assert_told(stack, calls=3)


def test_a_stored_response_is_read_and_deleted(stack: Stack, client: openai.OpenAI) -> None:
    made = client.responses.create(model=MODEL, input="hello")
    assert client.responses.retrieve(made.id).output_text == made.output_text
    client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)
    assert_told(stack, calls=1)


def test_a_response_in_the_background_is_cancelled(stack: Stack, client: openai.OpenAI) -> None:
    made = client.responses.create(model=MODEL, input="hello", background=True)
    assert made.status == "queued"
    assert client.responses.cancel(made.id).status == "cancelled"
