"""Claude on MiniStack's Bedrock: real requests, real frames; its token counts are characters / 4."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import anthropic
import boto3
import httpx2
import pytest

from proxy.api import api
from proxy.wiring import gateway as wired
from tests.builders import MASTER_KEY
from tests.calling import booked, call, catalogue, only, read
from tests.processes import HOST, ROOT, eventually, free_port, serving
from tests.stack import Stack
from tollgate import settings
from tollgate.endpoints.table import MESSAGES
from tollgate.gateway import Gateway
from tollgate.models import Models
from tollgate.records import Usage

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
ASKED: Final[dict[str, Any]] = {
    "model": MODEL,
    "max_tokens": 50,
    "messages": [{"role": "user", "content": "x" * 40}],
}


@pytest.fixture(scope="module")
def bedrock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("bedrock"), free_port()
    program = str(ROOT / ".venvs" / "ministack" / "bin" / "ministack")
    own = {"GATEWAY_PORT": str(port), "BIND_HOST": HOST, "MINISTACK_HOST": HOST, "STATE_DIR": str(folder)}
    quiet = {"PERSIST_STATE": "0", "LOG_LEVEL": "ERROR", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
    with serving([program], {**own, **quiet}, Path(folder) / "log", port) as server:
        eventually(lambda: _answers(server.url), "MiniStack answers", within=30)
        yield server.url


def _answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/_ministack/health", trust_env=False).is_success
    except httpx2.TransportError:
        return False


@pytest.fixture(autouse=True)
def role(monkeypatch: pytest.MonkeyPatch, fresh_settings: None) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    settings.aws_settings.cache_clear()


def models(url: str) -> Models:
    provider = {"api": "bedrock", "base_url": url, "priced_as": "aws"}
    alias = {"name": "misnamed", "provider": "bedrock", "model": "arn:aws:nothing", "price_of": MODEL}
    return catalogue({"bedrock": provider}, alias, {"name": "*.anthropic.claude-*", "provider": "bedrock"})


@pytest.fixture
async def gateway(bedrock: str, stack: Stack) -> AsyncIterator[Gateway]:
    async with httpx2.AsyncHTTPTransport() as transport:
        yield stack.gateway(transport, models=models(bedrock))  # type: ignore[arg-type]  # a real one


@pytest.fixture
def stack() -> Stack:
    return Stack.over()


async def test_a_message_is_answered_as_boto3_gets_it_answered(
    bedrock: str, gateway: Gateway, stack: Stack
) -> None:
    mine = json.loads(await read(await call(gateway, MESSAGES, ASKED)))
    client = boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=bedrock)
    body = {"anthropic_version": "bedrock-2023-05-31", **{k: v for k, v in ASKED.items() if k != "model"}}
    theirs = json.loads(client.invoke_model(modelId=MODEL, body=json.dumps(body))["body"].read())
    client.close()
    assert {**mine, "id": ""} == {**theirs, "id": ""}
    told = theirs["usage"]
    assert only(stack).usage == Usage(input=told["input_tokens"], output=told["output_tokens"])
    assert only(stack).cost > 0


async def test_anthropics_sdk_reads_its_stream_through_the_gateway(gateway: Gateway, stack: Stack) -> None:
    api.dependency_overrides[wired] = lambda: gateway
    http = anthropic.DefaultAsyncHttpxClient(transport=httpx2.ASGITransport(api))
    client = anthropic.AsyncAnthropic(base_url="http://gateway.test", api_key=MASTER_KEY, http_client=http)
    async with client, client.messages.stream(**ASKED) as stream:
        text = "".join([piece async for piece in stream.text_stream])
        message = await stream.get_final_message()
    api.dependency_overrides.clear()
    assert text.startswith("[ministack mock anthropic us.anthropic.claude-sonnet-4-5")
    assert message.usage.output_tokens > 0
    (event,) = booked(stack)
    assert (event.ending, event.estimated) == ("finished", "")
    assert event.usage == Usage(input=10, output=message.usage.output_tokens)


async def test_a_refusal_of_bedrocks_is_told_in_anthropics_envelope(gateway: Gateway, stack: Stack) -> None:
    refused = await call(gateway, MESSAGES, {**ASKED, "model": "misnamed"})
    assert refused.status == 400
    assert json.loads(await read(refused))["error"]["type"] == "invalid_request_error"
    assert only(stack).ending == "upstream_error"
