"""POST /v1/rerank, as Cohere has it: https://docs.cohere.com/reference/rerank."""

from secrets import token_hex

import msgspec

from local.demo.bodies import JsonBody, NotStreamed
from local.demo.endpoint import Call, Generation, Json, Whole
from local.demo.openai_api import OpenAIEndpoint, check_model, refuse, required
from local.demo.usage import Counts, fingerprint

DOCUMENTS_A_SEARCH = 100


class Rerank(NotStreamed, JsonBody, OpenAIEndpoint):
    """Documents in the order of what they have to do with a query; sold by the search."""

    path = "/rerank"
    cannot = frozenset({"error_with_usage", "failed"})
    reports = frozenset({"rerank_searches"})

    def check(self, body: Json) -> None:
        """Raise `RefusalError` for what Cohere would refuse."""
        check_model(body)
        required(body, "query")
        if not isinstance(required(body, "documents"), list):
            refuse("documents", "it must be an array")

    def generate(self, body: Json) -> Generation:
        """Search once for every hundred documents."""
        return Generation({"rerank_searches": -(-len(body["documents"]) // DOCUMENTS_A_SEARCH)})

    def report(self, usage: Counts) -> Json:
        """Write the billed units."""
        return {"search_units": usage.get("rerank_searches", 0)}

    def answer(self, call: Call) -> Whole:
        """Answer with the best first; the billed units are in `meta`."""
        scored = [
            (_score(call.body["query"], text), place) for place, text in enumerate(call.body["documents"])
        ]
        best = sorted(scored, key=lambda each: (-each[0], each[1]))[: call.body.get("top_n") or len(scored)]
        results = [{"index": place, "relevance_score": score} for score, place in best]
        told = call.fault != "no_usage"
        meta = {
            "api_version": {"version": "2"},
            **({"billed_units": self.report(call.usage)} if told else {}),
        }
        body = {"id": f"rr-{token_hex(12)}", "results": results, "meta": meta}
        return Whole(msgspec.json.encode(body), tells_usage=told)

    def error(self, status: int, message: str, param: str | None = None) -> Json:  # noqa: ARG002 - Cohere's has none
        """Wrap an error."""
        return {"id": f"err-{token_hex(12)}", "message": message}


def _score(query: str, document: object) -> float:
    return fingerprint(query, document) % 1000 / 1000
