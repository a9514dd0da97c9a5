"""The logs and tags as deployed, by functions that may do what their roles allow."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from tests.processes import eventually


@pytest.fixture
def called(api: httpx2.Client) -> str:
    """A call that was counted; its id."""
    body = {"model": "gpt-4o", "user": "logged", "messages": [{"role": "user", "content": "Hi"}]}
    answer = api.post("v1/chat/completions", json=body | {"metadata": {"tags": ["e2e"]}})
    assert answer.status_code == 200, answer.text
    eventually(lambda: bool(read(api, "spend/tags")), "the tag is counted", within=30)
    return str(answer.headers["x-litellm-call-id"])


def read(api: httpx2.Client, path: str, **query: str) -> Any:
    answer = api.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text, parse_float=Decimal)


def test_a_call_is_in_the_logs_and_explained(api: httpx2.Client, called: str) -> None:
    today = datetime.now(UTC).date().isoformat()
    days = {"start_date": today, "end_date": today}
    for query in ({}, {"end_user": "logged"}):
        rows = read(api, "spend/logs/v2", **days, **query)["data"]
        assert called in [row["request_id"] for row in rows]
    costs = read(api, f"spend/logs/{called}")["cost_breakdown"]
    assert sum(line["amount"] for line in costs["lines"]) == costs["cost"] > 0
    assert read(api, "spend/logs", request_id=called)[0]["request_tags"] == ["e2e"]
    assert read(api, "spend/logs", **days)[0]["users"]["logged"] > 0
    assert read(api, "spend/logs/v2", since="now")["data"] == []
    (tag,) = read(api, "global/spend/tags", tags="e2e")["spend_per_tag"]
    assert tag["spend"] > 0
