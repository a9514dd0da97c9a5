"""How long the function that a request runs in may still run, however the request reached it."""

import time
from collections.abc import Mapping
from math import inf
from typing import Any, Final

import msgspec

from tollgate.money import loads

# Lambda's context as JSON, its deadline in milliseconds since 1970:
# https://awslabs.github.io/aws-lambda-web-adapter/features/request-context.html
_CONTEXT: Final = "x-amzn-lambda-context"


def seconds_left(scope: Mapping[str, Any], headers: Mapping[str, str]) -> float:
    """The seconds until Lambda ends the invocation; without end where there is none."""
    if (context := scope.get("aws.context")) is not None:
        return float(context.get_remaining_time_in_millis()) / 1000
    told = _object(headers.get(_CONTEXT, ""))
    deadline = told.get("deadline", told.get("deadline_ms"))
    is_time = isinstance(deadline, int) and not isinstance(deadline, bool)
    return deadline / 1000 - time.time() if is_time else inf


def _object(text: str) -> Mapping[str, Any]:
    try:
        value = loads(text)
    except msgspec.DecodeError:
        return {}
    return value if isinstance(value, dict) else {}
