"""OpenAI's SDK, synchronous: every endpoint it has a method for."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest

from tests.clients.books import assert_told
from tests.clients.stack import KEY, Stack

HELLO: Any = [{"role": "user", "content": "hello there, how are you?"}]
MODEL = "gpt-4o-mini"
PICTURE = ("point.png", b"\x89PNG not really", "image/png")
SOUND = ("speech.mp3", b"\xff\xfb" + bytes(40_000), "audio/mpeg")  # under three seconds
WEATHER: Any = {
    "name": "weather",
    "parameters": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
}
ASK = 'call weather with {"place": "Ulm"} and then call weather with {"place": "Bonn"}'


@pytest.fixture
def client(stack: Stack) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{stack.url}/v1", api_key=KEY, max_retries=0, timeout=20) as client:
        yield client


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


def test_pictures(stack: Stack, client: openai.OpenAI) -> None:
    by_tokens = client.images.generate(model="gpt-image-1", prompt="a mill", n=2, quality="low")
    by_number = client.images.generate(model="dall-e-3", prompt="a mill")
    edited = client.images.edit(model="gpt-image-1", prompt="greyer", image=[PICTURE, PICTURE])
    assert [len(made.data or ()) for made in (by_tokens, by_number, edited)] == [2, 1, 1]
    rows = assert_told(stack, calls=3)
    assert [row.usage.get("image_out") for row in rows] == [544, None, 1056]
    assert rows[1].usage == {"images": 1}
    assert rows[2].usage["image_in"]


def test_streamed_pictures(stack: Stack, client: openai.OpenAI) -> None:
    made = list(client.images.generate(model="gpt-image-1", prompt="a mill", stream=True, partial_images=2))
    assert [event.type for event in made] == [
        "image_generation.partial_image",
        "image_generation.partial_image",
        "image_generation.completed",
    ]
    edited = list(client.images.edit(model="gpt-image-1", prompt="greyer", image=PICTURE, stream=True))
    assert edited[-1].type == "image_edit.completed"
    assert_told(stack, calls=2)


def test_speech(stack: Stack, client: openai.OpenAI) -> None:
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input="Hello, miller."
    ) as spoken:
        assert spoken.headers["content-type"] == "audio/mpeg"
        assert len(b"".join(spoken.iter_bytes())) > 100
    (row,) = assert_told(stack, calls=1)
    assert row.usage == {"characters": 14}


def test_streamed_speech(stack: Stack, client: openai.OpenAI) -> None:
    with client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="alloy", input="Hello, miller.", stream_format="sse"
    ) as spoken:
        assert spoken.headers["content-type"].startswith("text/event-stream")
        assert "speech.audio.done" in "".join(spoken.iter_text())
    (row,) = assert_told(stack, calls=1)
    assert row.usage["audio_out"] > 0


@pytest.mark.parametrize("model", ["whisper-1", "gpt-4o-transcribe"])
def test_transcripts(stack: Stack, client: openai.OpenAI, model: str) -> None:
    heard = client.audio.transcriptions.create(model=model, file=SOUND)
    assert heard.text
    (row,) = assert_told(stack, calls=1)
    assert row.usage == {"audio_seconds": 3} if model == "whisper-1" else row.usage["audio_in"] == 30


def test_a_streamed_transcript(stack: Stack, client: openai.OpenAI) -> None:
    events = list(client.audio.transcriptions.create(model="gpt-4o-transcribe", file=SOUND, stream=True))
    assert events[-1].type == "transcript.text.done"
    assert_told(stack, calls=1)


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # the SDK's, for a file without a name
def test_a_translation(stack: Stack, client: openai.OpenAI) -> None:
    told = client.audio.translations.create(model="whisper-1", file=io.BytesIO(SOUND[1]))
    assert told.text
    (row,) = assert_told(stack, calls=1)
    assert row.usage == {"audio_seconds": 3}


def test_moderation_is_free(stack: Stack, client: openai.OpenAI) -> None:
    assert not client.moderations.create(input="hello").results[0].flagged
    (row,) = assert_told(stack, calls=1)
    assert (row.usage, row.cost) == ({}, 0)


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
    assert stack.truth() == []


def test_a_provider_that_is_too_busy_is_tried_again(stack: Stack) -> None:
    stack.faults(error_429=0.5, seed=3)
    with openai.OpenAI(base_url=f"{stack.url}/v1", api_key=KEY, max_retries=8) as client:
        client.chat.completions.create(model=MODEL, messages=HELLO)
    assert_told(stack, calls=len(stack.truth()))
