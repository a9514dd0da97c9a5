"""A deployment as its clients see it: answers by method and path, and what was asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tollgate_cli.exact import dumps, loads


@dataclass(frozen=True)
class Asked:
    """One request that came in."""

    route: str
    url: httpx2.URL
    headers: Mapping[str, str]
    content: bytes

    @property
    def query(self) -> dict[str, str]:
        return dict(self.url.params)

    @property
    def body(self) -> Any:
        return loads(self.content)


@dataclass
class FakeApi(httpx2.BaseTransport):
    """`answers["GET /customer/info"]`: a value, a response, an error to raise, or a list of them in turn."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        route = f"{request.method} {request.url.path}"
        self.asked.append(Asked(route, request.url, request.headers, request.read()))
        answer = self.answers.get(route, refused(404, f"{route} is not served here."))
        if isinstance(answer, InTurn):
            answer = answer.left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx2.Response) else response(200, answer)

    @property
    def routes(self) -> list[str]:
        return [one.route for one in self.asked]


class InTurn:
    """Answers that are given one after the other."""

    def __init__(self, *answers: Any) -> None:
        self.left: list[Any] = list(answers)


def response(status: int, value: Any, headers: Mapping[str, str] | None = None) -> httpx2.Response:
    content = value if isinstance(value, bytes) else dumps(value)
    return httpx2.Response(status, content=content, headers=dict(headers or {}))


def refused(status: int, message: str, kind: str = "not_found", param: str | None = None) -> httpx2.Response:
    error = {"message": message, "type": kind, "param": param, "code": str(status)}
    return response(status, {"error": error})


def customers(ids: Sequence[str]) -> list[dict[str, Any]]:
    return [{"user_id": one, "alias": None, "blocked": False, "spend": 0} for one in ids]
