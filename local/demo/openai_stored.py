"""Stored responses: read, deleted, cancelled, and gone on from."""

from collections import OrderedDict
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response

from local.demo.endpoint import Json, RefusalError
from local.demo.openai_api import OpenAIEndpoint
from local.demo.openai_response import unfinished

MOST = 1000  # responses; the oldest go first

_api = OpenAIEndpoint()


class Stored:
    """The last responses by id, each with its conversation; one in the background is done when next read."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[list[Json], Json]] = OrderedDict()

    def keep(self, body: Json, response: Json) -> None:
        """Store a response, unless its request said not to."""
        if body.get("store") is not False:
            self._kept[response["id"]] = ([*body["input"], *response["output"]], response)
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)

    def conversation(self, response_id: Any) -> list[Json]:
        """Give what was said up to a response, and in it; nothing when none is named."""
        if response_id and response_id not in self._kept:
            message = f"Previous response with id '{response_id}' not found."
            raise RefusalError(message, param="previous_response_id")
        return self._kept[response_id][0] if response_id else []

    def read(self, response_id: str) -> Json:
        """Give a response."""
        return self._find(response_id)[1]

    def delete(self, response_id: str) -> Json:
        """Forget a response."""
        self._find(response_id)
        del self._kept[response_id]
        return {"id": response_id, "object": "response", "deleted": True}

    def cancel(self, response_id: str) -> Json:
        """Cancel a response that runs in the background."""
        items, response = self._find(response_id)
        if response["background"] is not True:
            raise RefusalError("Only a response with background=true can be cancelled", param="response_id")
        cancelled = unfinished(response, "cancelled")
        self._kept[response_id] = (items, cancelled)
        return cancelled

    def _find(self, response_id: str) -> tuple[list[Json], Json]:
        if response_id not in self._kept:
            raise RefusalError(f"Response with id '{response_id}' not found.", status=404)
        return self._kept[response_id]


def add_stored(app: FastAPI, stored: Stored) -> None:
    """Serve what is stored. None of it is in the truth, because none of it is charged for."""
    doings = {"GET": stored.read, "DELETE": stored.delete}

    @app.api_route("/v1/responses/{response_id}", methods=list(doings))
    async def one(request: Request, response_id: str) -> Response:
        return _answer(request, lambda: doings[request.method](response_id))

    @app.post("/v1/responses/{response_id}/cancel")
    async def cancel(request: Request, response_id: str) -> Response:
        return _answer(request, lambda: stored.cancel(response_id))


def _answer(request: Request, do: Any) -> Response:
    try:
        _api.authorize(request.headers)
        status, body = 200, do()
    except RefusalError as refusal:
        status, body = refusal.status, _api.error(refusal.status, refusal.message, refusal.param)
    return Response(msgspec.json.encode(body), status, media_type="application/json")
