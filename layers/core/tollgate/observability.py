"""Logs as JSON and metrics as CloudWatch's embedded format, through Powertools; built on first use."""

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

NAMESPACE = "Tollgate"
_SERVICE = "POWERTOOLS_SERVICE_NAME"  # the stack's name, so that two stacks of one account stay apart


def _service() -> str:
    return os.environ.get(_SERVICE) or "tollgate"


@lru_cache(maxsize=1)
def _logger() -> "Logger":
    from aws_lambda_powertools import Logger  # noqa: PLC0415 - not on the cold path of a call that logs nothing

    return Logger(service=_service())


class _Lazy:
    def __getattr__(self, name: str) -> Any:
        return getattr(_logger(), name)


logger: Any = _Lazy()


def count(metric: str, value: int = 1) -> None:
    """Report a count, zero included: one line of embedded metric format, which Lambda makes a metric."""
    from aws_lambda_powertools.metrics import MetricUnit, single_metric  # noqa: PLC0415 - the same

    with single_metric(name=metric, unit=MetricUnit.Count, value=value, namespace=NAMESPACE) as single:
        single.add_dimension(name="service", value=_service())
