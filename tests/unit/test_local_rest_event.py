"""API Gateway's REST proxy format, both ways."""

import base64
from typing import Any

import pytest

from local.rest_event import Request, event, response


def test_what_is_repeated_stands_in_the_multi_value_fields() -> None:
    found = event(
        Request(
            "GET",
            "/customer/info",
            query="tag=a&tag=b&empty=&text=a%20b%2Bc",
            headers=[("host", "tollgate"), ("x-tag", "1"), ("x-tag", "2")],
            resource="/customer/info",
        )
    )
    assert found["queryStringParameters"] == {"tag": "b", "empty": "", "text": "a b+c"}
    assert found["multiValueQueryStringParameters"]["tag"] == ["a", "b"]
    assert found["headers"]["x-tag"] == "2"
    assert found["multiValueHeaders"]["x-tag"] == ["1", "2"]
    assert found["requestContext"]["domainName"] == "tollgate"


def test_what_is_not_there_is_null() -> None:
    found = event(Request("GET", "/"))
    for name in ("queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "body"):
        assert found[name] is None
    assert found["isBase64Encoded"] is False


def test_the_context_tells_who_asked_for_what() -> None:
    request = Request(
        "GET",
        "/customers/a%20b",
        headers=[("user-agent", "curl")],
        client="10.0.0.1",
        resource="/customers/{id}",
        parameters={"id": "a b"},
    )
    found = event(request)
    assert found["path"] == "/customers/a b"
    assert found["pathParameters"] == {"id": "a b"}
    context = found["requestContext"]
    assert context["resourcePath"] == "/customers/{id}"
    assert context["identity"] == {"sourceIp": "10.0.0.1", "userAgent": "curl"}
    assert context["stage"]
    assert context["requestId"]


@pytest.mark.parametrize("body", [b'{"a": "\xc3\xa9"}', b"\xff\xfe\x00"])
def test_a_body_arrives_whole(body: bytes) -> None:
    found = event(Request("POST", "/", body=body))
    text = found["body"]
    assert (base64.b64decode(text) if found["isBase64Encoded"] else text.encode()) == body


@pytest.mark.parametrize(
    ("answer", "status", "headers", "body"),
    [
        ({"statusCode": 200, "body": "{}"}, 200, {("content-type", "application/json")}, b"{}"),
        ({"statusCode": "404"}, 404, {("content-type", "application/json")}, b""),
        ({"statusCode": 204}, 204, set(), b""),
        (
            {"statusCode": 200, "headers": {"Content-Type": "text/csv"}, "body": "é"},
            200,
            {("Content-Type", "text/csv")},
            "é".encode(),
        ),
        (
            {
                "statusCode": 200,
                "headers": {"X-A": "1", "content-type": "text/plain"},
                "multiValueHeaders": {"x-a": ["2", "3"]},
            },
            200,
            {("x-a", "2"), ("x-a", "3"), ("content-type", "text/plain")},
            b"",
        ),
        (
            {
                "statusCode": 200,
                "headers": {"content-type": "image/png"},
                "isBase64Encoded": True,
                "body": "/wA=",
            },
            200,
            {("content-type", "image/png")},
            b"\xff\x00",
        ),
    ],
)
def test_answers_become_responses(
    answer: Any, status: int, headers: set[tuple[str, str]], body: bytes
) -> None:
    found = response(answer)
    assert (found.status, set(found.headers), found.body) == (status, headers, body)


@pytest.mark.parametrize("answer", [None, "text", {}, {"body": "no status"}])
def test_an_answer_that_is_none_is_refused(answer: Any) -> None:
    with pytest.raises(ValueError, match="statusCode"):
        response(answer)
