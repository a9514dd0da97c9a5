"""Errors: one envelope, a true status, and a code that is text (reference 2.9)."""

from collections.abc import Iterator

import pytest

from tollgate import errors


def every(kind: type[errors.TollgateError] = errors.TollgateError) -> Iterator[type[errors.TollgateError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from every(below)


OURS = [kind for kind in every() if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_every_error_is_told_in_the_envelope_of_openai_with_a_code_that_is_text(
    kind: type[errors.TollgateError],
) -> None:
    told = errors.body(kind("what went wrong", param="user"))["error"]
    assert told == {
        "message": "what went wrong",
        "type": kind.type,
        "param": "user",
        "code": str(kind.status),
    }
    assert errors.body(kind("x"))["error"]["param"] is None


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_the_drawing_in_the_module_names_every_error_once(kind: type[errors.TollgateError]) -> None:
    lines = [line for line in (errors.__doc__ or "").splitlines() if kind.__name__ in line.split()]
    assert len(lines) == 1


@pytest.mark.parametrize(
    ("kind", "status", "name"),
    [
        (errors.InvalidBody, 400, "invalid_request_error"),
        (errors.UnknownModel, 400, "invalid_request_error"),
        (errors.UnpricedModel, 400, "model_cost_map_missing"),
        (errors.Unauthorized, 401, "auth_error"),
        (errors.InvalidKey, 401, "token_not_found_in_db"),
        (errors.NotFound, 404, "not_found"),
        (errors.MethodNotAllowed, 405, "invalid_request_error"),
        (errors.NotSpoken, 400, "invalid_request_error"),
        (errors.BodyTooLarge, 413, "invalid_request_error"),
        (errors.NotReached, 502, "upstream_unreachable"),
        (errors.HungUp, 502, "upstream_unreachable"),
        (errors.UpstreamTimeout, 504, "upstream_timeout"),
        (errors.StoreUnavailable, 503, "store_unavailable"),
    ],
)
def test_each_error_has_the_status_and_type_that_the_documentation_promises(
    kind: type[errors.TollgateError], status: int, name: str
) -> None:
    assert (kind.status, kind.type) == (status, name)
