"""The demo provider: OpenAI's and Anthropic's APIs with known usage and faults on demand.

`python -m uvicorn local.demo.app:app --host 127.0.0.1 --port 4001 --no-access-log` runs it. One process only:
the truth is kept in memory.
"""

import logging
from typing import Annotated

import msgspec
from fastapi import FastAPI, Header, Request, Response
from starlette.routing import Route

from local.demo.anthropic_messages import CountTokens, Messages
from local.demo.bodies import parse
from local.demo.cohere_rerank import Rerank
from local.demo.delivery import not_ours
from local.demo.endpoint import Endpoint, Json, RefusalError
from local.demo.faults import Faults
from local.demo.intake import Intake
from local.demo.models import anthropic_model, anthropic_models, openai_model, openai_models
from local.demo.openai_chat import ChatCompletions
from local.demo.openai_completions import Completions
from local.demo.openai_embeddings import Embeddings
from local.demo.openai_images import ImageEdits, ImageGenerations
from local.demo.openai_moderations import Moderations
from local.demo.openai_responses import Responses
from local.demo.openai_speech import Speech
from local.demo.openai_stored import Stored, add_stored
from local.demo.openai_transcripts import Transcriptions, Translations
from local.demo.truth import Truth


def endpoints(stored: Stored) -> tuple[Endpoint, ...]:
    """Give every endpoint that is charged for, and two that are free."""
    openai = (ChatCompletions(), Completions(), Embeddings(), Responses(stored), Moderations(), Rerank())
    media = (ImageGenerations(), ImageEdits(), Speech(), Transcriptions(), Translations())
    return (*openai, *media, Messages(), CountTokens())


def create_app() -> FastAPI:
    """Make a demo provider with an empty truth and no faults."""
    truth, faults, stored = Truth(), Faults(), Stored()
    app = FastAPI(title="Tollgate demo provider", openapi_url=None)
    for each in endpoints(stored):
        app.router.routes.append(Route(f"/v1{each.path}", Intake(each, truth, faults), methods=["POST"]))
    _add_truth(app, truth)
    _add_faults(app, faults)
    add_stored(app, stored)
    _add_the_rest(app)
    return app


def _add_truth(app: FastAPI, truth: Truth) -> None:
    @app.get("/truth")
    async def read() -> Response:
        return Response(truth.json(), media_type="application/json")

    @app.delete("/truth")
    async def empty() -> Json:
        truth.clear()
        return {"calls": []}


def _add_faults(app: FastAPI, faults: Faults) -> None:
    @app.get("/faults")
    async def show() -> Response:
        return Response(msgspec.json.encode(faults.now), media_type="application/json")

    @app.post("/faults")
    async def replace(request: Request) -> Response:
        try:
            faults.replace(parse(await request.body()))
        except (RefusalError, msgspec.ValidationError) as error:
            refused = {"error": {"message": str(error), "type": "invalid_request_error"}}
            return Response(msgspec.json.encode(refused), 400, media_type="application/json")
        return await show()


def _add_the_rest(app: FastAPI) -> None:
    @app.get("/health")
    async def health() -> Json:
        return {"status": "ok"}

    @app.get("/v1/models")
    async def models(anthropic_version: Annotated[str, Header()] = "") -> Json:
        return anthropic_models() if anthropic_version else openai_models()

    @app.get("/v1/models/{name:path}")
    async def model(name: str, anthropic_version: Annotated[str, Header()] = "") -> Json:
        return anthropic_model(name) if anthropic_version else openai_model(name)

    @app.head("/v1/messages")
    async def probe() -> Response:
        """Answer the question, which Claude Code asks first, whether there is anyone here."""
        return Response()


app = create_app()
logging.getLogger("uvicorn.error").addFilter(not_ours)
