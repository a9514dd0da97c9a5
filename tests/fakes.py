"""Hand-written fakes, transports instead of patches: AWS in memory, and a provider that says as it is told.

`FakeAws` answers the AWS JSON protocol of DynamoDB, SQS and Secrets Manager; `faults` break single calls.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import httpx2

from tests.fake_dynamodb import FakeDynamoDB, Refusal, Table, cancelled
from tests.fake_expressions import Item

QUEUE: Final = "http://aws.test/queue/dead-letters"
LEDGER: Final = "ledger"
COUNTERS: Final = "counters"
CUSTOMERS: Final = "customers"
BUDGETS: Final = "budgets"
KEYS: Final = "keys"
AUDIT: Final = "audit"

CUSTOMER_INDEXES: Final = {
    "directory": ("directory", "customer_id"),
    "names": ("directory", "name"),
    "aliases": ("directory", "alias_name"),
}

Payload = Mapping[str, Any]
Respond = Callable[[httpx2.Request], httpx2.Response]


def tables() -> dict[str, Table]:
    """The tables of a deployment, as template.yaml declares them."""
    return {
        LEDGER: Table(("day_slot", "request_id"), {"by_customer": ("customer", "request_id")}),
        COUNTERS: Table(("pk", "sk")),
        CUSTOMERS: Table(("customer_id",), CUSTOMER_INDEXES),
        BUDGETS: Table(("scope", "budget_id")),
        KEYS: Table(("key_id",), {"directory": ("directory", "key_id")}),
        AUDIT: Table(("day_slot", "audit_id"), {"by_object": ("object", "audit_id")}),
    }


@dataclass
class Fault:
    """What happens instead of an answer, `times` times; `applied` first does what was asked.

    A call that is not `sent` fails before a byte of it has left.
    """

    operation: str
    respond: Respond
    times: int = 1
    applied: bool = False
    sent: bool = True
    when: Callable[[Payload], bool] = lambda _: True

    def meets(self, operation: str, payload: Payload) -> bool:
        """Whether this fault is for a call; it is used up if so."""
        if operation != self.operation or self.times <= 0 or not self.when(payload):
            return False
        self.times -= 1
        return True


@dataclass
class Interlude:
    """What happens elsewhere once the n-th call that meets it has arrived, and before that is answered."""

    do: Callable[[], Awaitable[object]]
    operation: str = ""
    nth: int = 1
    when: Callable[[Payload], bool] = lambda _: True

    def meets(self, operation: str, payload: Payload) -> bool:
        """Whether it is time."""
        if operation.startswith(self.operation) and self.when(payload):
            self.nth -= 1
            return self.nth == 0
        return False


class Call(NamedTuple):
    """One call as it arrived."""

    operation: str
    payload: dict[str, Any]


@dataclass
class FakeQueue:
    """An SQS queue: a message that was received comes back when its visibility ends (`reappear`)."""

    bodies: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    sent: int = 0

    def send(self, body: str) -> None:
        """Take a message."""
        self.sent += 1
        self.bodies[f"m{self.sent}"] = body

    def reappear(self) -> None:
        """End the visibility timeout of every message."""
        self.hidden.clear()

    def receive(self, most: int) -> list[dict[str, str]]:
        """Hand out messages and hide them."""
        shown = [name for name in self.bodies if name not in self.hidden][:most]
        self.hidden |= set(shown)
        return [{"MessageId": n, "ReceiptHandle": n, "Body": self.bodies[n]} for n in shown]


class FakeAws(httpx2.AsyncBaseTransport):
    """DynamoDB, SQS and Secrets Manager in memory, behind one transport."""

    def __init__(self) -> None:
        self.dynamodb = FakeDynamoDB(tables())
        self.queue = FakeQueue()
        self.secrets: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.interludes: list[Interlude] = []
        self.calls: list[Call] = []
        self.gates: dict[str, asyncio.Event] = {}

    def fail(self, operation: str, code: str, *, status: int = 400, **more: Any) -> None:
        """Let calls be refused with an error code."""
        self.answer(operation, json.dumps({"__type": f"aws#{code}", "message": "as told"}), status, **more)

    def cancel(self, *codes: str, times: int = 1, applied: bool = False) -> None:
        """Let transactions be cancelled, with a reason for each action."""
        body = cancelled([{"Code": code} for code in codes]).body
        text = json.dumps({"__type": "aws#TransactionCanceledException", **body})
        self.answer("TransactWriteItems", text, 400, times=times, applied=applied)

    def answer(self, operation: str, text: str, status: int, **more: Any) -> None:
        """Let calls be answered with a text."""
        self.faults.append(Fault(operation, lambda _: httpx2.Response(status, text=text), **more))

    def hang_up(self, operation: str, **more: Any) -> None:
        """Let connections break: before the call is applied, or with applied=True after it."""
        self.faults.append(Fault(operation, _broken, **more))

    def meanwhile(self, do: Callable[[], Awaitable[object]], **when: Any) -> None:
        """Let something happen elsewhere between a call and its answer."""
        self.interludes.append(Interlude(do, **when))

    def hold(self, operation: str) -> asyncio.Event:
        """Keep calls of an operation waiting, sent but unanswered, until the event is set."""
        self.gates[operation] = asyncio.Event()
        return self.gates[operation]

    def called(self, operation: str) -> list[dict[str, Any]]:
        """The payloads of an operation's calls so far."""
        return [call.payload for call in self.calls if call.operation == operation]

    def items(self, table: str) -> list[Item]:
        """The items of a table, in typed JSON."""
        return self.dynamodb.tables[table].items()

    def stream(self, *, pending_only: bool = True) -> list[dict[str, Any]]:
        """The ledger's stream so far, as Lambda's records; by default past the template's filter."""
        seen = enumerate(self.dynamodb.tables[LEDGER].stream)
        return [
            {"eventName": r["eventName"], "dynamodb": {"SequenceNumber": str(n), "NewImage": r["NewImage"]}}
            for n, r in seen
            if not pending_only or "pending" in r["NewImage"]
        ]

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one call."""
        operation = request.headers["x-amz-target"].rpartition(".")[2]
        payload = json.loads(await request.aread())
        self.calls.append(Call(operation, payload))
        fault = next((f for f in self.faults if f.meets(operation, payload)), None)
        trace = request.extensions.get("trace")
        if trace and (fault is None or fault.sent):
            await trace("http11.send_request_body.complete", {})
        await asyncio.sleep(0)  # nothing is answered in the breath it is asked in
        for interlude in [i for i in self.interludes if i.meets(operation, payload)]:
            await interlude.do()
        if gate := self.gates.get(operation):
            await gate.wait()
        if fault is None:
            return self._answer(operation, payload)
        if fault.applied:
            self._answer(operation, payload)
        return fault.respond(request)

    def _answer(self, operation: str, payload: dict[str, Any]) -> httpx2.Response:
        try:
            return httpx2.Response(200, content=json.dumps(self._run(operation, payload)).encode())
        except Refusal as refused:
            body = {"__type": f"com.amazonaws#{refused.code}", **refused.body}
            return httpx2.Response(400, content=json.dumps(body).encode())

    def _run(self, operation: str, payload: dict[str, Any]) -> dict[str, Any]:
        if operation == "SendMessage":
            self.queue.send(payload["MessageBody"])
            return {}
        if operation == "ReceiveMessage":
            found = self.queue.receive(payload.get("MaxNumberOfMessages", 1))
            return {"Messages": found} if found else {}
        if operation == "DeleteMessage":
            self.queue.bodies.pop(payload["ReceiptHandle"], None)
            return {}
        if operation == "GetSecretValue":
            return self._secret(payload["SecretId"])
        return self.dynamodb.run(operation, payload)

    def _secret(self, secret_id: str) -> dict[str, Any]:
        if secret_id not in self.secrets:
            raise Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        return {"SecretString": self.secrets[secret_id]}


def _broken(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ReadError("the connection broke", request=request)


class Chunks(httpx2.AsyncByteStream):
    """A body in the pieces it arrives in; an exception among them is raised, an event is waited for."""

    def __init__(self, pieces: Iterable[bytes | Exception | asyncio.Event]) -> None:
        self._pieces = pieces
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, asyncio.Event):
                await piece.wait()
            else:
                yield piece
                await asyncio.sleep(0)  # as between two reads of a socket

    async def aclose(self) -> None:
        """Take note."""
        self.closed = True


class FakeProvider(httpx2.AsyncBaseTransport):
    """A provider that answers with what stands next in `answers` (the last one again and again)."""

    def __init__(self, *answers: Respond | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one call."""
        await request.aread()
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(request)
