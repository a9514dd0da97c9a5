"""AWS's JSON services over one keep-alive HTTP client, with retries that a ledger can trust.

DynamoDB, SQS, Secrets Manager and Firehose speak the AWS JSON protocol, so one small class calls them all.
boto3 would cost 0.5 s of every cold start and 1.2 ms of CPU a call
(docs/decisions/0002-own-dynamodb-client.md).
"""

import asyncio
import random
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import httpx2
import msgspec

from tollgate.money import dumps, loads
from tollgate.settings import AwsSettings
from tollgate.storage.signing import Credentials, Request, Scope, signed_headers

_TRANSIENT: Final = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_SERVER_FAULT: Final = 500
_CONNECT_SECONDS: Final = 2


class AwsError(Exception):
    """An AWS service said no. `code` is its error name; `answer` its whole body."""

    def __init__(self, code: str, message: str, answer: Mapping[str, Any]) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.answer = answer


class AwsUnavailable(Exception):
    """An AWS service could not be reached, or kept throttling, within the attempts allowed."""


class Service(NamedTuple):
    """An AWS JSON service: its name in URLs and signatures, its target prefix, its protocol version."""

    name: str
    prefix: str
    version: str = "1.0"


DYNAMODB: Final = Service("dynamodb", "DynamoDB_20120810")
SQS: Final = Service("sqs", "AmazonSQS")
FIREHOSE: Final = Service("firehose", "Firehose_20150804", "1.1")
SECRETS_MANAGER: Final = Service("secretsmanager", "secretsmanager", "1.1")


class AwsClient:
    """One AWS JSON service. Idempotence is the caller's: a call may be applied and its answer lost."""

    def __init__(
        self, http: httpx2.AsyncClient, settings: AwsSettings, service: Service, *, attempts: int = 5
    ) -> None:
        url = settings.aws_endpoint_url or f"https://{service.name}.{settings.aws_region}.amazonaws.com"
        self._http = http
        self._url = httpx2.URL(url).join("/")
        self._prefix = service.prefix
        self._content_type = f"application/x-amz-json-{service.version}"
        self._scope = Scope(service.name, settings.aws_region, self._url.netloc.decode())
        self._who = Credentials(
            settings.aws_access_key_id,
            settings.aws_secret_access_key.get_secret_value(),
            settings.aws_session_token.get_secret_value(),
        )
        self._timeout = httpx2.Timeout(settings.store_timeout_seconds, connect=_CONNECT_SECONDS)
        self._attempts = attempts

    async def call(
        self, operation: str, payload: Mapping[str, Any], *, sent: asyncio.Event | None = None
    ) -> dict[str, Any]:
        """Call an operation; `sent` is set as soon as the request is on the wire.

        Raises AwsError for a refusal and AwsUnavailable when retries with jitter did not help.
        """
        body = dumps(payload)
        reason = ""
        for attempt in range(self._attempts):
            if attempt:
                await asyncio.sleep(random.uniform(0, min(1.0, 0.025 * 2**attempt)))  # noqa: S311 - jitter
            try:
                return await self._once(operation, body, sent)
            except httpx2.TransportError as error:
                reason = type(error).__name__
            except AwsError as error:
                if error.code not in _TRANSIENT:
                    raise
                reason = error.code
        raise AwsUnavailable(f"{operation}: {reason} after {self._attempts} attempts")

    async def _once(self, operation: str, body: bytes, sent: asyncio.Event | None) -> dict[str, Any]:
        target = f"{self._prefix}.{operation}"
        headers = signed_headers(Request(body, target, self._content_type), self._who, self._scope)
        extensions = {"trace": _on_wire(sent)} if sent is not None else {}
        response = await self._http.post(
            self._url, content=body, headers=headers, timeout=self._timeout, extensions=extensions
        )
        answer = _object(response.content)
        if response.is_success and answer is not None:
            return answer
        raise _refusal(response.status_code, answer)


def _on_wire(sent: asyncio.Event) -> Any:
    async def trace(name: str, _info: Mapping[str, Any]) -> None:
        if name.endswith("send_request_body.complete"):
            sent.set()

    return trace


def _object(content: bytes) -> dict[str, Any] | None:
    """The JSON object that a service answers with; None for what something between us and it says."""
    try:
        answer = loads(content) if content else {}
    except msgspec.DecodeError:
        return None
    return answer if isinstance(answer, dict) else None


def _refusal(status: int, answer: Mapping[str, Any] | None) -> AwsError:
    told = answer or {}
    code = str(told.get("__type", "")).rpartition("#")[2]
    if code not in _TRANSIENT and (answer is None or status >= _SERVER_FAULT):
        code = "InternalServerError"
    return AwsError(code, str(told.get("message", told.get("Message", status))), told)
