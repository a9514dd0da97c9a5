"""An accepted call's answer, faults and all, and what becomes of it."""

from http import HTTPStatus

import msgspec

from local.demo.delivery import EVENT_STREAM, Connection
from local.demo.endpoint import Call, Endpoint, Json, Whole
from local.demo.truth import Row

ERRORS = {
    "error_500": (500, "The server had an error while it processed the request"),
    "error_with_usage": (500, "The server had an error after it had processed the request"),
    "error_429": (429, "Too many requests: the rate limit is reached"),
    "error_400": (400, "The request was turned down"),
}
RETRY_AFTER = (b"retry-after", b"1")  # seconds
NONSENSE = Whole(b'{"id":"demo-<html>502 Bad Gateway')


async def answer(endpoint: Endpoint, call: Call, row: Row, connection: Connection) -> str:
    """Answer the call; returns its ending, and marks in the row whether the usage went out."""
    if call.slow_first_byte_s and await connection.client_leaves_within(call.slow_first_byte_s):
        return "client_gone"
    if call.fault == "hang_up":
        await connection.hang_up()
    elif call.fault == "nonsense":
        await send_whole(connection, 200, endpoint, NONSENSE)
    elif call.fault in ERRORS:
        await _fail(endpoint, call, row, connection)
    elif call.stream:
        return await _stream(endpoint, call, row, connection)
    else:
        await _whole(endpoint, call, row, connection)
    return call.fault or "finished"


async def send_whole(connection: Connection, status: int, endpoint: Endpoint, whole: Whole) -> None:
    """Send an answer in one piece."""
    await _start_whole(connection, status, endpoint, whole)
    await connection.finish(whole.body)


async def _start_whole(connection: Connection, status: int, endpoint: Endpoint, whole: Whole) -> None:
    own = [(b"content-type", whole.kind), (b"content-length", b"%d" % len(whole.body))]
    retry = [RETRY_AFTER] if status == HTTPStatus.TOO_MANY_REQUESTS else []
    await connection.start(status, [*own, *retry, *endpoint.headers()])


async def _fail(endpoint: Endpoint, call: Call, row: Row, connection: Connection) -> None:
    status, message = ERRORS[call.fault]
    body = endpoint.error(status, message)
    if call.fault == "error_with_usage":
        body["usage"] = endpoint.report(call.usage)
    await send_whole(connection, status, endpoint, _object(body))
    row.reported = "usage" in body


async def _whole(endpoint: Endpoint, call: Call, row: Row, connection: Connection) -> None:
    answered = endpoint.answer(call)
    if isinstance(answered, dict) and call.fault == "no_usage":
        answered.pop("usage", None)
    whole = answered if isinstance(answered, Whole) else _object(answered)
    if call.fault == "cut_body":
        await _start_whole(connection, 200, endpoint, whole)
        await connection.piece(whole.body[: len(whole.body) // 2])
    else:
        await send_whole(connection, 200, endpoint, whole)
        row.reported = whole.tells_usage


def _object(answered: Json) -> Whole:
    return Whole(msgspec.json.encode(answered), tells_usage=answered.get("usage") is not None)


async def _stream(endpoint: Endpoint, call: Call, row: Row, connection: Connection) -> str:
    events = list(endpoint.events(call))
    cut = call.fault == "cut_stream"  # halfway, which is before the usage in either API
    await connection.start(200, [EVENT_STREAM, *endpoint.headers()])
    for event in events[: len(events) // 2] if cut else events:
        if await connection.client_leaves_within(call.slow_chunk_s):
            return "client_gone"
        await connection.piece(event.data)
        row.reported |= event.completes_usage
    if not cut:
        await connection.finish()
    return call.fault or "finished"
