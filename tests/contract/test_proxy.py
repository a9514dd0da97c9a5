"""Whatever the proxy is sent, and by whom, it answers as its own OpenAPI document says."""

from collections.abc import Iterator
from itertools import cycle
from typing import Final

import httpx2
import pytest

from proxy.api import api
from tests.builders import answers, completion, streamed, streams
from tests.contract.bodies import with_fields
from tests.contract.callers import Callers
from tests.contract.documents import Case, of
from tests.contract.proxy import calling
from tests.fakes import Respond
from tollgate.money import loads

# Every path has twins that the same code serves: without /v1, and doubled.
ROUTES: Final = of(with_fields(api.openapi())).exclude(path_regex=r"^/(?!v1/|spend|cost|health|$)|/v1/.*/v1/")
# Sounds and stored responses have no words for a provider that breaks off: their connection breaks, too.
FORWARDING: Final = ROUTES.include(path_regex=r"^/v1/(?!audio/|responses/)", method="POST")


@pytest.fixture(scope="module")
def callers() -> Iterator[Callers]:
    """Callers of a proxy whose provider does what it is asked."""
    with calling(_answering) as found:
        yield found


@ROUTES.parametrize()
def test_every_route(case: Case, callers: Callers) -> None:
    case.call_and_validate(session=callers.admin)
    refused = [case.call_and_validate(session=one) for one in (callers.usage_reader, callers.nobody)]
    is_open = case.method == "HEAD" or case.path.startswith("/health")
    assert {answer.status_code for answer in refused} == {200 if is_open else 401}


@pytest.fixture(scope="module")
def callers_of_a_bad_provider() -> Iterator[Callers]:
    """Callers of a proxy whose provider fails in one way after the other."""
    ways = cycle(_failures())

    def one_after_the_other(request: httpx2.Request) -> httpx2.Response:
        return next(ways)(request)

    with calling(one_after_the_other) as found:
        yield found


@FORWARDING.parametrize()
def test_what_a_provider_does_wrong_is_no_failure_here(
    case: Case, callers_of_a_bad_provider: Callers
) -> None:
    answer = case.call(session=callers_of_a_bad_provider.admin)
    assert answer.status_code in (200, 400, 403, 404, 418, 422, 429, 502, 503, 504, 529), answer.text
    assert "Internal server error" not in answer.text


def _answering(request: httpx2.Request) -> httpx2.Response:
    kind = request.headers.get("content-type")
    asked = loads(request.content) if kind == "application/json" and request.content else {}
    respond = streams(streamed()) if asked.get("stream") is True else answers(completion())
    return respond(request)


def _failures() -> list[Respond]:
    def breaks(error: type[httpx2.RequestError]) -> Respond:
        def respond(request: httpx2.Request) -> httpx2.Response:
            raise error("as told", request=request)

        return respond

    cut = httpx2.ReadError("as told")
    return [
        *(breaks(error) for error in (httpx2.ConnectError, httpx2.ReadError, httpx2.ReadTimeout)),
        *(answers({"error": {"message": "as told"}}, status) for status in (418, 429, 503, 529)),
        *(answers(body) for body in (b"", b"<html>", b"[1]", b"null", b'{"usage": 7}', b'{"usage": {')),
        answers({"usage": {"prompt_tokens": -1, "completion_tokens": "many", "input_tokens": 10**40}}),
        *(streams(*pieces) for pieces in ((), (cut,), (b"data: {\n\n", b"data: 5\n\n"), (streamed(), cut))),
    ]
