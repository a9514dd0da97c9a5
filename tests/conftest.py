"""What every layer of tests shares."""

import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from hypothesis import HealthCheck, settings

from tollgate import observability
from tollgate import settings as choices

settings.register_profile(
    "tollgate", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tollgate")

Metrics = Callable[[], dict[str, int]]

_SETTINGS = (
    choices.aws_settings,
    choices.storage_settings,
    choices.reporting_settings,
    choices.access_settings,
    choices.customer_settings,
    choices.proxy_settings,
    choices.reconcile_settings,
)


@pytest.fixture
def fresh_settings() -> Iterator[None]:
    """Settings are read from the environment as this test sets it."""
    for read in _SETTINGS:
        read.cache_clear()
    yield
    for read in _SETTINGS:
        read.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def _logger() -> None:
    """The logger keeps the stream it is built with: not that of a single test's capture."""
    observability.logger.debug("built")


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What is logged, one JSON object a line."""
    handlers = [h for h in logging.getLogger("tollgate").handlers if isinstance(h, logging.StreamHandler)]
    written = StringIO()
    before = [(handler, handler.setStream(written)) for handler in handlers]
    yield written
    for handler, stream in before:
        handler.setStream(stream)


@pytest.fixture
def metrics(capsys: pytest.CaptureFixture[str]) -> Metrics:
    """The counts reported since it was last asked, by metric."""

    def reported() -> dict[str, int]:
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
        names = [line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"] for line in lines]
        found: dict[str, int] = {}
        for name, line in zip(names, lines, strict=True):
            found[name] = found.get(name, 0) + int(line[name][0])
        return found

    return reported
