"""The API's /ui leads to the page, with all that was asked, and to nowhere else."""

import json

import pytest

from local.settings import ROOT
from page.handler import handler

EVENT = json.loads((ROOT / "events" / "page.json").read_text())
PAGE = EVENT["stageVariables"]["pageUrl"]


def test_litellms_link_leads_to_the_page() -> None:
    answer = handler(EVENT, None)
    assert (answer["statusCode"], answer["headers"]["Location"]) == (
        302,
        f"{PAGE}?login=success&page=new_usage",
    )


@pytest.mark.parametrize(
    ("asked", "question"),
    [
        (None, ""),
        ({"id": ["a", "b"]}, "?id=a&id=b"),
        ({"id": ["ä&b=c"], "n": [""]}, "?id=%C3%A4%26b%3Dc&n="),
        ({"x": ["\r\nSet-Cookie: a=b"]}, "?x=%0D%0ASet-Cookie%3A+a%3Db"),
    ],
)
def test_a_question_stays_what_it_was(asked: object, question: str) -> None:
    event = {**EVENT, "path": "//elsewhere.example/ui", "multiValueQueryStringParameters": asked}
    assert handler(event, None)["headers"]["Location"] == PAGE + question


@pytest.mark.parametrize("variables", [None, {}])
def test_a_deployment_without_a_page_says_so(variables: object) -> None:
    answer = handler({**EVENT, "stageVariables": variables}, None)
    assert answer["statusCode"] == 404
    assert "UsagePage=true" in json.loads(answer["body"])["error"]["message"]
