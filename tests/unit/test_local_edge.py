"""The local API Gateway: which function answers, and what the client hears when none does."""

import json
import sys
import threading
import time
from types import ModuleType
from typing import Any

import httpx2
import pytest

from local import edge as edge_module
from local.edge import Edge, Own, Receive, Scope, Send
from local.invocation import LambdaFunction
from local.parts import Canned, Function, Route
from local.routing import Routes

ROUTES = [
    Route("GET", "/customer/info", "customers"),
    Route("GET", "/customers/{id}/days/{day}", "customers"),
    Route("GET", "/customers/new", "other"),
    Route("GET", "/{proxy+}", "proxy"),
    Route("POST", "/{proxy+}", "proxy"),
    Route("GET", "/", "proxy"),
]


def routed(method: str, path: str) -> tuple[str, dict[str, str]] | None:
    match = Routes(ROUTES).match(method, path)
    return (match.route.function, dict(match.parameters)) if match else None


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("GET", "/customer/info", ("customers", {})),
        ("GET", "/customers/a%2Fb/days/1", ("customers", {"id": "a/b", "day": "1"})),
        ("GET", "/customers/new", ("other", {})),
        ("POST", "/v1/chat/completions", ("proxy", {"proxy": "v1/chat/completions"})),
        ("GET", "/", ("proxy", {})),
        ("POST", "/customer/info", None),
        ("DELETE", "/v1/models", None),
    ],
)
def test_the_most_specific_path_wins(method: str, path: str, found: Any) -> None:
    assert routed(method, path) == found


FUNCTION = Function("usage", "arn", "usage.handler.handler", 28, 512)


class Recorded(LambdaFunction):
    """A function that answers with a script, and keeps its events."""

    def __init__(self, answer: Any = None) -> None:
        super().__init__(FUNCTION, self._handle)
        self.answer = answer or {"statusCode": 200, "body": "{}"}
        self.events: list[Any] = []

    def _handle(self, event: Any, _context: object) -> Any:
        self.events.append(event)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer() if callable(self.answer) else self.answer


async def streaming(scope: Scope, _receive: Receive, send: Send) -> None:
    """A web app that answers in two parts."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-app", b"proxy")]})
    await send({"type": "http.response.body", "body": scope["path"].encode(), "more_body": True})
    await send({"type": "http.response.body", "body": b"!"})


def canned(name: str) -> Canned:
    statuses = {
        "MISSING_AUTHENTICATION_TOKEN": 404,
        "REQUEST_TOO_LARGE": 413,
        "INTEGRATION_FAILURE": 502,
        "INTEGRATION_TIMEOUT": 504,
    }
    return Canned(statuses[name], json.dumps({"error": name}))


def client(function: LambdaFunction) -> httpx2.AsyncClient:
    functions = {"customers": function, "other": function}
    app = Edge(Routes(ROUTES), functions, {"proxy": streaming}, {"/ui": streaming}, Own(canned))
    transport = httpx2.ASGITransport(app, client=("127.0.0.1", 5))
    return httpx2.AsyncClient(transport=transport, base_url="http://tollgate")


async def test_a_web_app_gets_the_request_itself() -> None:
    function = Recorded()
    answer = await client(function).post("/v1/chat/completions", content=b"{}")
    assert (answer.headers["x-app"], answer.text) == ("proxy", "/v1/chat/completions!")
    assert function.events == []


async def test_a_function_gets_the_event_and_its_answer_goes_back() -> None:
    function = Recorded({"statusCode": 418, "headers": {"X-Kind": "tea"}, "body": '{"a":1}'})
    answer = await client(function).get("/customer/info?end_user_id=a&end_user_id=b")
    assert (answer.status_code, answer.headers["x-kind"], answer.text) == (418, "tea", '{"a":1}')
    assert answer.headers["content-type"] == "application/json"
    (event,) = function.events
    assert event["multiValueQueryStringParameters"] == {"end_user_id": ["a", "b"]}
    assert event["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert event["resource"] == "/customer/info"


@pytest.mark.parametrize("answer", [RuntimeError("secret"), {"no": "status"}])
async def test_a_function_that_fails_is_a_502_that_says_no_more(answer: Any) -> None:
    response = await client(Recorded(answer)).get("/customer/info")
    assert (response.status_code, response.json()) == (502, {"error": "INTEGRATION_FAILURE"})


async def test_a_route_that_does_not_exist_is_the_templates_404() -> None:
    response = await client(Recorded()).post("/customer/info")
    assert (response.status_code, response.json()) == (404, {"error": "MISSING_AUTHENTICATION_TOKEN"})


async def test_a_body_over_the_limit_is_refused_before_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_module, "_MAX_BODY", 5)
    function = Recorded()
    response = await client(function).request("GET", "/customer/info", content=b"123456")
    assert response.status_code == 413
    assert function.events == []


async def test_a_function_that_takes_too_long_is_a_504(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_module, "_TIMEOUT", 0.05)
    release = threading.Event()
    response = await client(Recorded(release.wait)).get("/customer/info")
    release.set()
    assert response.status_code == 504


async def test_the_page_has_its_own_paths() -> None:
    assert (await client(Recorded()).get("/ui/index.html")).text == "/ui/index.html!"
    assert (await client(Recorded()).get("/uix")).headers["x-app"] == "proxy"


def test_a_function_runs_one_call_at_a_time() -> None:
    running: list[str] = []
    most: list[int] = []

    def handle(event: str, _context: object) -> None:
        running.append(event)
        most.append(len(running))
        time.sleep(0.01)
        running.remove(event)

    function = LambdaFunction(FUNCTION, handle)
    threads = [threading.Thread(target=function.invoke, args=(str(n),)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 5


def test_a_handler_is_told_what_lambda_tells_it() -> None:
    context = LambdaFunction(FUNCTION, lambda _event, context: context).invoke({}, "id-1")
    assert (context.function_name, context.aws_request_id) == ("usage", "id-1")
    assert (context.memory_limit_in_mb, context.invoked_function_arn) == ("512", "arn")
    assert 27_000 < context.get_remaining_time_in_millis() <= 28_000


def test_a_handler_is_imported_when_it_is_first_called(monkeypatch: pytest.MonkeyPatch) -> None:
    function = LambdaFunction(Function("late", "arn", "late_module.handler", 3, 128))
    module = ModuleType("late_module")
    module.handler = lambda event, _context: event  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "late_module", module)
    assert function.invoke("hello") == "hello"
