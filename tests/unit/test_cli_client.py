"""The client, against the API's shapes: exact money, pages, every envelope, no key where none may be."""

from datetime import date
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fake_api import FakeApi, InTurn, customers, refused, response
from tollgate_cli import ApiError, Tollgate, Unusable

URL = "https://abc.example.com/Prod"
SECRET = "sk-a-secret-of-somebody"


def client(answers: dict[str, Any], url: str = "http://127.0.0.1:4000") -> tuple[Tollgate, FakeApi]:
    api = FakeApi(answers)
    return Tollgate(url, SECRET, transport=api), api


def failing(answer: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        client({"GET /customer/info": answer})[0].customers.info("acme")
    return caught.value


@given(st.decimals(min_value=0, max_value=10**12, places=12, allow_nan=False))
def test_money_keeps_every_digit_both_ways(amount: Decimal) -> None:
    made, api = client({"POST /customer/new": response(200, f'{{"spend": {amount:f}}}'.encode())})
    spend = made.customers.new("acme", max_budget=amount)["spend"]
    assert api.asked[0].content.decode().count('"') == 6  # ids and names are strings, the amount is none
    assert Decimal(api.asked[0].body["max_budget"]) == amount
    assert spend == amount
    assert isinstance(spend, Decimal)


def test_the_stage_of_a_url_and_the_key_travel() -> None:
    made, api = client({"GET /Prod/customer/info": {}}, URL + "/")
    made.customers.info("a/b c?é")
    assert api.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    assert api.asked[0].query == {"end_user_id": "a/b c?é"}


def test_customers_are_listed_through_cursors() -> None:
    pages = InTurn(
        response(200, customers(["a", "b"]), {"x-next-cursor": "after-b"}), response(200, customers(["c"]))
    )
    made, api = client({"GET /customer/list": pages})
    assert [one["user_id"] for one in made.customers.list(search="x", page_size=2)] == ["a", "b", "c"]
    first, second = (one.query for one in api.asked)
    assert first == {"page_size": "2", "search": "x"}
    assert second == first | {"cursor": "after-b"}


def test_a_list_reads_no_page_that_nobody_needs() -> None:
    made, api = client({"GET /customer/list": response(200, customers("ab"), {"x-next-cursor": "b"})})
    assert next(made.customers.list())["user_id"] == "a"
    assert len(api.asked) == 1


def test_keys_are_listed_through_pages() -> None:
    pages = InTurn(*({"keys": [{"token": name}], "total_pages": 2} for name in "ab"))
    made, api = client({"GET /key/list": pages})
    assert [one["token"] for one in made.keys.list()] == ["a", "b"]
    assert [one.query["page"] for one in api.asked] == ["1", "2"]
    assert {one.query["return_full_object"] for one in api.asked} == {"true"}


def test_no_keys_are_an_empty_list() -> None:
    made, _ = client({"GET /key/list": {"keys": [], "total_count": 0, "total_pages": 0}})
    assert list(made.keys.list()) == []


def test_the_audit_is_read_through_cursors() -> None:
    pages = InTurn(
        {"audit_logs": [{"id": "2"}], "has_more": True, "next_cursor": "n"},
        {"audit_logs": [{"id": "1"}], "has_more": False, "next_cursor": None},
    )
    made, api = client({"GET /audit": pages})
    assert [one["id"] for one in made.audit.list(object_id="acme", action="")] == ["2", "1"]
    assert api.asked[1].query == {"page_size": "100", "object_id": "acme", "cursor": "n"}


def test_usage_is_read_day_by_day_with_ids_quoted_as_in_csv() -> None:
    pages = InTurn(
        {"results": [{"date": "2026-11-02"}], "metadata": {"has_more": True}},
        {"results": [{"date": "2026-11-01"}], "metadata": {"has_more": False}},
    )
    made, api = client({"GET /customer/daily/activity": pages})
    found = made.usage.daily_activity(
        date(2026, 11, 1), date(2026, 11, 2), end_user_ids=["acme,inc", 'a"b', "é"]
    )
    assert [day["date"] for day in found] == ["2026-11-02", "2026-11-01"]
    assert api.asked[0].query["end_user_ids"] == '"acme,inc","a""b",é'
    assert api.asked[0].query["start_date"] == "2026-11-01"
    assert [one.query["page"] for one in api.asked] == ["1", "2"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (refused(404, "no acme", "not_found", "user_id"), (404, "not_found", "user_id", "no acme")),
        (
            response(400, {"detail": {"error": "Please provide dates"}}),
            (400, "invalid_request_error", None, "Please provide dates"),
        ),
        (
            response(
                422,
                {
                    "detail": [
                        {"type": "missing", "loc": ["body", "user_id"], "msg": "Field required"},
                        {"type": "value_error", "loc": ["body"], "msg": "Value error, Not both."},
                    ]
                },
            ),
            (422, "validation_error", "user_id", "user_id: Field required; Not both."),
        ),
        (
            response(400, {"type": "about:blank", "title": "Bad", "detail": "no such sort"}),
            (400, "about:blank", None, "no such sort"),
        ),
        (response(403, {"message": "Forbidden"}), (403, "unknown", None, "Forbidden")),
        (response(502, b"<html>"), (502, "unknown", None, "The answer was status 502, without a reason")),
        (response(500, ["odd"]), (500, "unknown", None, "The answer was status 500, without a reason")),
    ],
)
def test_every_envelope_becomes_one_error(answer: httpx2.Response, told: tuple[Any, ...]) -> None:
    error = failing(answer)
    assert (error.status, error.type, error.param, error.message) == told


@pytest.mark.parametrize("answer", [response(200, b"<html>hello</html>"), response(200, b"")])
def test_an_answer_that_is_no_json_asks_whether_the_url_is_right(answer: httpx2.Response) -> None:
    assert "is that the URL of a Tollgate?" in failing(answer).message


def test_a_redirect_is_not_followed_with_the_key() -> None:
    made, api = client(
        {"GET /customer/info": response(302, b"", {"location": "https://elsewhere.example.com/"})}
    )
    with pytest.raises(ApiError) as caught:
        made.customers.info("acme")
    assert caught.value.status == 302
    assert len(api.asked) == 1


@pytest.mark.parametrize("failure", [httpx2.ConnectError("refused"), httpx2.ReadTimeout("slow")])
def test_no_answer_is_told_as_unreachable(failure: Exception) -> None:
    error = failing(failure)
    assert (error.status, error.type) == (None, "unreachable")
    assert "127.0.0.1:4000" in error.message


@pytest.mark.parametrize("url", ["", "nope", "ftp://example.com", "http://", "http://a:port"])
def test_a_url_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(Unusable, match="URL"):
        Tollgate(url, SECRET)


@pytest.mark.parametrize("key", ["", "  ", "sk-\x00", "sk-é", "sk-a\r\nX: y"])
def test_a_key_no_header_carries_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(Unusable, match="The key is empty") as caught:
        Tollgate(URL, key)
    assert "sk-a" not in str(caught.value)


def test_a_secret_never_goes_into_a_url() -> None:
    made, api = client({"GET /key/info": {}})
    with pytest.raises(Unusable, match="does not belong in a URL") as caught:
        made.keys.info(SECRET)
    assert SECRET not in str(caught.value)
    assert not api.asked


def test_a_file_of_customers_is_sent_as_it_is() -> None:
    made, api = client({"POST /customer/bulk": {"created": 1, "failed": 0, "rows": []}})
    made.customers.bulk_csv("user_id\né\n")
    assert api.asked[0].headers["content-type"] == "text/csv"
    assert api.asked[0].content == "user_id\né\n".encode()
