"""The API's page is what the functions serve."""

import json

from local import api_page
from local.settings import ROOT


def test_the_page_and_the_document_are_those_of_the_routes() -> None:
    found = api_page.document()
    assert json.loads((ROOT / "docs" / "openapi.json").read_text()) == json.loads(json.dumps(found))


def test_every_route_says_what_it_is() -> None:
    page = (ROOT / "docs" / "api.md").read_text()
    assert "| POST | `/v1/chat/completions` |" in page
    assert "|  |" not in page
