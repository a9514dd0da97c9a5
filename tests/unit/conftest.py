"""Unit tests open no socket; asyncio's own pair is a Unix one."""

import random

import pytest
import pytest_socket

from tests.fakes import FakeAws
from tests.stack import Stack


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Block them, but for a test that is marked `enable_socket`."""
    if item.get_closest_marker("enable_socket") is None:
        pytest_socket.disable_socket(allow_unix_socket=True)


@pytest.fixture
def stack() -> Stack:
    return Stack.over()


@pytest.fixture
def aws(stack: Stack) -> FakeAws:
    return stack.aws


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries wait for a random time up to a bound: here always the shortest."""
    monkeypatch.setattr(random, "uniform", lambda low, _high: low)
