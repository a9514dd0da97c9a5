"""The page as LiteLLM links it, <base URL>/ui/: leads to where it is served, and takes the question along."""

import json
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

_NOWHERE: Final = "This deployment serves no usage page: deploy with UsagePage=true."


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda's entry point; where the page is stands in the stage's variable pageUrl."""
    page = (event.get("stageVariables") or {}).get("pageUrl")
    if not page:
        error = {"message": _NOWHERE, "type": "not_found", "param": None, "code": "404"}
        return _answer(HTTPStatus.NOT_FOUND, {"Content-Type": "application/json"}, {"error": error})
    question = urlencode(event.get("multiValueQueryStringParameters") or {}, doseq=True)
    there = f"{page}?{question}" if question else page
    return _answer(HTTPStatus.FOUND, {"Location": there, "Cache-Control": "no-store"})


def _answer(status: HTTPStatus, headers: dict[str, str], body: object = None) -> dict[str, Any]:
    return {"statusCode": int(status), "headers": headers, "body": json.dumps(body) if body else ""}
