"""POST /v1/moderations."""

from secrets import token_hex
from typing import Any

from local.demo.bodies import JsonBody, NotStreamed
from local.demo.endpoint import Call, Generation, Json
from local.demo.openai_api import OpenAIEndpoint, refuse, required
from local.demo.usage import Counts

MODEL = "omni-moderation-latest"
CATEGORIES = (
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent"),
    *("self-harm", "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors"),
    *("violence", "violence/graphic"),
)


class Moderations(NotStreamed, JsonBody, OpenAIEndpoint):
    """Moderation, which is free of charge and has no usage; nothing is ever flagged."""

    path = "/moderations"
    cannot = frozenset({"error_with_usage", "no_usage", "failed"})
    reports: frozenset[str] = frozenset()

    def check(self, body: Json) -> None:
        """Raise `RefusalError` for what OpenAI would refuse."""
        if not isinstance(body.setdefault("model", MODEL), str):
            refuse("model", "it must be a string")
        required(body, "input")

    def generate(self, body: Json) -> Generation:  # noqa: ARG002 - the endpoints' common shape
        """Generate nothing."""
        return Generation({})

    def report(self, usage: Counts) -> Json:  # noqa: ARG002 - the same
        """Write a usage object, though no answer of this endpoint has one."""
        return {}

    def answer(self, call: Call) -> Json:
        """Answer with a result for each input; parts are one input together."""
        count = len(call.body["input"]) if _are_texts(call.body["input"]) else 1
        result = {
            "flagged": False,
            "categories": dict.fromkeys(CATEGORIES, False),
            "category_scores": dict.fromkeys(CATEGORIES, 0.001),
            "category_applied_input_types": {name: ["text"] for name in CATEGORIES},
        }
        return {"id": f"modr-{token_hex(12)}", "model": call.model, "results": [result] * count}


def _are_texts(given: Any) -> bool:
    return isinstance(given, list) and all(isinstance(each, str) for each in given)
