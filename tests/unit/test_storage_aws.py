"""Calls to AWS: retried when it helps, raised at once when not, and sent before they are answered."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

from tests.builders import aws_settings
from tests.fakes import QUEUE, FakeAws
from tests.stack import Stack
from tollgate.storage.aws import DYNAMODB, SECRETS_MANAGER, SQS, AwsClient, AwsError, AwsUnavailable, Service

TRANSIENT = [
    ("ProvisionedThroughputExceededException", 400),
    ("ThrottlingException", 400),
    ("RequestLimitExceeded", 400),
    ("TransactionConflictException", 400),
    ("TransactionInProgressException", 400),
    ("InternalServerError", 500),
    ("ServiceUnavailable", 503),
    ("SomethingNew", 500),
]
SEND = {"QueueUrl": QUEUE, "MessageBody": "hello"}


async def send(stack: Stack, **options: Any) -> dict[str, Any]:
    return await stack.client(SQS).call("SendMessage", SEND, **options)


@pytest.mark.parametrize(("code", "status"), TRANSIENT)
async def test_what_may_pass_is_tried_again_until_it_does(
    stack: Stack, aws: FakeAws, code: str, status: int
) -> None:
    aws.fail("SendMessage", code, status=status, times=4)
    await send(stack)
    assert len(aws.calls) == 5
    assert list(aws.queue.bodies.values()) == ["hello"]


@pytest.mark.parametrize(("code", "status"), TRANSIENT)
async def test_what_does_not_pass_in_five_attempts_is_unavailable(
    stack: Stack, aws: FakeAws, code: str, status: int
) -> None:
    aws.fail("SendMessage", code, status=status, times=9)
    with pytest.raises(AwsUnavailable, match=r"SendMessage: \w+ after 5 attempts"):
        await send(stack)
    assert len(aws.calls) == 5


async def test_a_connection_that_breaks_is_tried_again(stack: Stack, aws: FakeAws) -> None:
    aws.hang_up("SendMessage", times=2)
    await send(stack)
    assert len(aws.calls) == 3
    aws.hang_up("SendMessage", times=5)
    with pytest.raises(AwsUnavailable, match="ReadError"):
        await send(stack)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ValidationException", 400),
        ("ConditionalCheckFailedException", 400),
        ("TransactionCanceledException", 400),
        ("AccessDeniedException", 400),
        ("ResourceNotFoundException", 400),
        ("QueueDoesNotExist", 400),
    ],
)
async def test_what_will_not_pass_is_raised_at_once_with_its_whole_answer(
    stack: Stack, aws: FakeAws, code: str, status: int
) -> None:
    aws.fail("SendMessage", code, status=status)
    with pytest.raises(AwsError, match=f"{code}: as told") as refused:
        await send(stack)
    assert (refused.value.code, refused.value.answer["message"]) == (code, "as told")
    assert len(aws.calls) == 1


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("<html>Bad Gateway</html>", 502),
        ("upstream connect error", 503),
        ("", 500),
        ("", 503),
        ("<html>captive portal</html>", 200),
        ("[]", 200),
        ('{"Messages": [', 200),
        ("<html>Forbidden</html>", 403),
    ],
)
async def test_an_answer_of_something_between_us_and_aws_is_tried_again(
    stack: Stack, aws: FakeAws, text: str, status: int
) -> None:
    aws.answer("SendMessage", text, status, times=2)
    await send(stack)
    assert len(aws.calls) == 3


async def test_a_request_counts_as_sent_before_it_is_answered(stack: Stack, aws: FakeAws) -> None:
    gate, sent = aws.hold("SendMessage"), asyncio.Event()
    call = asyncio.create_task(send(stack, sent=sent))
    await asyncio.wait_for(sent.wait(), 1)
    assert not call.done()
    gate.set()
    await call


async def test_numbers_arrive_with_every_digit(stack: Stack, aws: FakeAws) -> None:
    aws.answer("SendMessage", '{"n": 0.1000000000000000000000000001}', 200)
    answer = await send(stack)
    assert str(answer["n"]) == "0.1000000000000000000000000001"


@pytest.mark.parametrize(
    ("service", "operation", "target", "version"),
    [
        (DYNAMODB, "GetItem", "DynamoDB_20120810.GetItem", "1.0"),
        (SQS, "SendMessage", "AmazonSQS.SendMessage", "1.0"),
        (SECRETS_MANAGER, "GetSecretValue", "secretsmanager.GetSecretValue", "1.1"),
    ],
)
async def test_each_service_is_called_at_its_own_address_in_its_own_dialect(
    service: Service, operation: str, target: str, version: str
) -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, text="{}")

    http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    await AwsClient(http, aws_settings(aws_endpoint_url=""), service).call(operation, {"a": 1})
    (request,) = seen
    assert str(request.url) == f"https://{service.name}.eu-central-1.amazonaws.com/"
    assert request.headers["x-amz-target"] == target
    assert request.headers["content-type"] == f"application/x-amz-json-{version}"
    assert json.loads(request.content) == {"a": 1}
    assert request.headers["host"] == request.url.host


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:4566", "http://127.0.0.1:4566/", "http://127.0.0.1:4566/path"]
)
async def test_an_endpoint_of_the_environment_stands_for_all_of_aws(url: str) -> None:
    seen: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.extend([str(request.url), request.headers["host"]])
        return httpx2.Response(200, text="{}")

    http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    await AwsClient(http, aws_settings(aws_endpoint_url=url), SQS).call("SendMessage", {})
    assert seen == ["http://127.0.0.1:4566/", "127.0.0.1:4566"]
