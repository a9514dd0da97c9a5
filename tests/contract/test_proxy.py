"""Whatever the proxy is sent, and by whom, it answers as its own OpenAPI document says."""

from collections.abc import Iterator
from itertools import cycle
from typing import Final

import httpx2
import pytest
from schemathesis import Case

from proxy.api import api
from tests.builders import answers, completion, streamed, streams
from tests.contract.bodies import with_fields
from tests.contract.callers import Callers
from tests.contract.documents import of
from tests.contract.proxy import calling
from tests.fakes import Respond
from tollgate.errors import body
from tollgate.money import loads

# Every path has its twins: without /v1, and doubled.
SCHEMA: Final = of(with_fields(api.openapi())).exclude(path_regex=r"^/(?!v1/|spend|cost|health|$)|/v1/.*/v1/")


@pytest.fixture(scope="module")
def callers() -> Iterator[Callers]:
    """Callers of a proxy whose provider does what it is asked."""
    with calling(_answering) as found:
        yield found


@SCHEMA.parametrize()
def test_every_route(case: Case, callers: Callers) -> None:
    case.call_and_validate(session=callers.admin)
    refused = [case.call_and_validate(session=one) for one in (callers.usage_reader, callers.nobody)]
    is_open = case.method == "HEAD" or case.path.startswith("/health")
    assert {answer.status_code for answer in refused} == {200 if is_open else 401}


def _answering(request: httpx2.Request) -> httpx2.Response:
    asked = loads(request.content) if request.headers.get("content-type") == "application/json" else {}
    respond = streams(streamed()) if asked.get("stream") is True else answers(completion())
    return respond(request)
