"""Whether an answer is one that the functions' own OpenAPI documents."""

from functools import lru_cache
from typing import Any

from local import api_page


@lru_cache(maxsize=1)
def _paths() -> Any:
    return api_page.document()["paths"]


def assert_documented(method: str, path: str, status: int, kind: str) -> None:
    """Its status is listed for the route, and so is its media type."""
    answers = _paths()[path][method.lower()]["responses"]
    assert str(status) in {str(one) for one in answers}, f"{method} {path}: {status} is not documented"
    content = next(answer for one, answer in answers.items() if str(one) == str(status))["content"]
    assert kind in content, f"{method} {path}: {status} as {kind} is not documented"
