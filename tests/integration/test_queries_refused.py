"""What the customers and usage functions answer to bad questions, bad keys, and without a store."""

from io import StringIO

import pytest

from tests.functions import acting_as
from tests.integration.spending import MARCH, RANGE, Answer, ask, write
from tests.ministack import MASTER_KEY, Deployment
from tests.processes import HOST, free_port
from tollgate import rest


@pytest.mark.parametrize("customer", ["nobody", "", "x" * 3000])
def test_an_unknown_customer_is_not_found(deployment: Deployment, customer: str) -> None:
    assert ask("/customer/info", {"end_user_id": customer}) == Answer(
        404,
        {
            "error": {
                "message": f"End User Id={customer} does not exist in db",
                "type": "not_found",
                "param": "end_user_id",
                "code": "404",
            }
        },
    )


def test_info_without_a_customer_is_refused(deployment: Deployment) -> None:
    missing = {"type": "missing", "loc": ["query", "end_user_id"], "msg": "Field required", "input": None}
    assert ask("/customer/info") == Answer(422, {"detail": [missing]})


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({}, "Please provide start_date and end_date"),
        ({"start_date": "x", "end_date": "y"}, "start_date and end_date must be valid YYYY-MM-DD dates"),
        ({"start_date": "2026-03-02", "end_date": "2026-03-01"}, "end_date must be on or after start_date"),
        ({"start_date": "2020-03-02", "end_date": "2026-03-01"}, "Date range must be at most 400 days"),
        (RANGE | {"page": "0"}, "page and page_size must be at least 1"),
    ],
)
def test_a_bad_range_or_page_is_refused(deployment: Deployment, query: dict[str, str], error: str) -> None:
    assert ask("/customer/daily/activity", query) == Answer(400, {"detail": {"error": error}})


def test_a_page_that_is_no_number_is_named(deployment: Deployment) -> None:
    fault = {
        "type": "int_parsing",
        "loc": ["query", "page"],
        "msg": "Input should be a valid integer, unable to parse string as an integer",
        "input": "two",
    }
    assert ask("/customer/daily/activity", RANGE | {"page": "two"}) == Answer(422, {"detail": [fault]})


PATHS = ("/customer/info", "/end_user/info", "/customer/daily/activity", "/end_user/daily/activity")


@pytest.mark.parametrize("path", PATHS)
def test_without_a_key_nothing_is_answered_not_even_what_is_missing(
    deployment: Deployment, path: str
) -> None:
    envelope = {
        "message": "Authentication Error, No api key passed in.",
        "type": "auth_error",
        "param": None,
        "code": "401",
    }
    assert ask(path, headers={}) == Answer(401, {"error": envelope})


@pytest.mark.parametrize("path", PATHS)
def test_a_wrong_key_is_refused(deployment: Deployment, path: str) -> None:
    answer = ask(path, headers={"Authorization": "Bearer sk-of-nobody"})
    assert answer.status == 401
    assert (answer.body["error"]["type"], answer.body["error"]["code"]) == ("token_not_found_in_db", "401")
    assert "sk-of-nobody" not in str(answer.body)


@pytest.mark.parametrize("name", ["Authorization", "X-Api-Key", "API-Key", "x-litellm-api-key"])
def test_every_header_that_carries_a_key_works(deployment: Deployment, name: str) -> None:
    value = f"Bearer {MASTER_KEY}" if name == "Authorization" else MASTER_KEY
    assert ask("/customer/info", {"end_user_id": "nobody"}, {name: value}).status == 404


def test_a_path_that_is_not_there_is_not_found(deployment: Deployment) -> None:
    answer = ask("/customer/nowhere/info")
    assert (answer.status, answer.body["error"]["type"]) == (404, "not_found")


def test_a_store_that_cannot_be_reached_is_503(deployment: Deployment) -> None:
    nowhere = {**deployment.environment, "AWS_ENDPOINT_URL": f"http://{HOST}:{free_port()}"}
    with acting_as(nowhere):
        answer = ask("/customer/daily/activity", RANGE)
    assert (answer.status, answer.body["error"]["type"]) == (503, "store_unavailable")


def test_an_unexpected_error_is_logged_and_tells_the_caller_nothing(
    deployment: Deployment, log: StringIO
) -> None:
    deployment.dynamodb.delete_table(TableName=deployment.tables.counters)
    answer = ask("/customer/daily/activity", RANGE)
    error = {
        "message": "Internal server error",
        "type": "internal_server_error",
        "param": None,
        "code": "500",
    }
    assert answer == Answer(500, {"error": error})
    assert "ResourceNotFoundException" in log.getvalue()
    assert MASTER_KEY not in log.getvalue()


def test_an_answer_too_large_for_lambda_says_so(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(*MARCH)
    monkeypatch.setattr(rest, "_LARGEST", 1000)
    answer = ask("/customer/daily/activity", RANGE)
    assert answer.status == 400
    assert "ask for fewer days a page or customers" in answer.body["detail"]["error"]
