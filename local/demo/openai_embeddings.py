"""POST /v1/embeddings."""

import math
from array import array
from base64 import b64encode
from hashlib import shake_256
from typing import Any

import msgspec

from local.demo.bodies import JsonBody, NotStreamed
from local.demo.endpoint import Call, Generation, Json
from local.demo.openai_api import OpenAIEndpoint, check_model, refuse, required
from local.demo.usage import Counts, text_tokens

DIMENSIONS = 1536
MOST_DIMENSIONS = 4096


class Embeddings(NotStreamed, JsonBody, OpenAIEndpoint):
    """Embeddings of texts, or of texts that are tokens already."""

    path = "/embeddings"
    cannot = frozenset({"failed"})
    reports = frozenset({"input"})

    def check(self, body: Json) -> None:
        """Raise `RefusalError` for what OpenAI would refuse."""
        required(body, "input")
        if not all(isinstance(each, str) or _is_tokens(each) for each in _inputs(body)):
            refuse("input", "it must be a string, an array of strings, or one or more arrays of tokens")
        check_model(body)
        if body.get("encoding_format") not in (None, "float", "base64"):
            refuse("encoding_format", "it must be float or base64")
        dimensions = body.get("dimensions")
        if dimensions is not None and (type(dimensions) is not int or not 1 <= dimensions <= MOST_DIMENSIONS):
            refuse("dimensions", f"it must be an integer from 1 to {MOST_DIMENSIONS}")

    def generate(self, body: Json) -> Generation:
        """Count the inputs, which is all there is to count."""
        return Generation({"input": sum(_tokens(each) for each in _inputs(body))})

    def report(self, usage: Counts) -> Json:
        """Write the usage object."""
        tokens = usage.get("input", 0)
        return {"prompt_tokens": tokens, "total_tokens": tokens}

    def answer(self, call: Call) -> Json:
        """Answer with a vector of length 1 for each input, which decides it."""
        dimensions = call.body.get("dimensions") or DIMENSIONS
        encode = _base64 if call.body.get("encoding_format") == "base64" else list
        data = [
            {"object": "embedding", "index": place, "embedding": encode(_vector(each, dimensions))}
            for place, each in enumerate(_inputs(call.body))
        ]
        return {"object": "list", "data": data, "model": call.model, "usage": self.report(call.usage)}


def _inputs(body: Json) -> list[Any]:
    given = body["input"]
    return given if isinstance(given, list) and not _is_tokens(given) else [given]


def _is_tokens(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and all(type(each) is int for each in given)


def _tokens(given: str | list[int]) -> int:
    return text_tokens(given) if isinstance(given, str) else len(given)


def _vector(given: str | list[int], dimensions: int) -> list[float]:
    noise = array("h", shake_256(msgspec.json.encode(given)).digest(2 * dimensions))
    length = math.sqrt(sum(each * each for each in noise)) or 1.0
    return [each / length for each in noise]


def _base64(vector: list[float]) -> str:
    return b64encode(array("f", vector).tobytes()).decode()
