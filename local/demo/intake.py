"""Where calls arrive: an ASGI application per endpoint, because the faults need the bare connection."""

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from local.demo.answering import answer, send_whole
from local.demo.delivery import Connection
from local.demo.endpoint import Call, Endpoint, RefusalError, Whole
from local.demo.faults import Faults, Roll
from local.demo.plan import plan
from local.demo.truth import Row, Truth

CALL_ID = "x-client-request-id"  # by which the truth is joined to the caller's own records


class Intake:
    """One endpoint, served: each attempt is recorded, planned and answered."""

    def __init__(self, endpoint: Endpoint, truth: Truth, faults: Faults) -> None:
        self._endpoint = endpoint
        self._truth = truth
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one attempt."""
        request = Request(scope, receive)
        row = self._truth.arrived(self._endpoint.path, request.headers.get(CALL_ID, ""))
        roll = self._faults.roll()
        connection = Connection(receive, send)
        try:
            row.ending = await self._attempt(request, row, roll, connection)
        except ClientDisconnect:  # before its body was whole
            row.ending = "client_gone"
        finally:
            connection.close()

    async def _attempt(self, request: Request, row: Row, roll: Roll, connection: Connection) -> str:
        try:
            call = await self._accept(request, row, roll)
        except RefusalError as refusal:
            error = self._endpoint.error(refusal.status, refusal.message, refusal.param)
            whole = Whole(msgspec.json.encode(error))
            await send_whole(connection, refusal.status, self._endpoint, whole)
            return "refused"
        row.model, row.usage = call.model, call.usage  # a model that the body left out is the endpoint's own
        return await answer(self._endpoint, call, row, connection)

    async def _accept(self, request: Request, row: Row, roll: Roll) -> Call:
        body = self._endpoint.read(await request.body(), request.headers.get("content-type", ""))
        row.model = str(body.get("model") or "")
        row.stream = self._endpoint.streamed(body)
        self._endpoint.authorize(request.headers)
        self._endpoint.check(body)
        return plan(self._endpoint, body, stream=row.stream, roll=roll, now=self._faults.now)
