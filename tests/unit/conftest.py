"""Unit tests open no socket; asyncio's own pair is a Unix one."""

import random

import pytest
import pytest_socket

from tests.fakes import FakeAws
from tests.stack import Stack
from tollgate.models import load_models


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


@pytest.fixture(autouse=True)
def keys_of_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every provider of the shipped models.yaml is set up, as in a deployment that uses them all."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "proxy")
    for provider in load_models().providers.values():
        if provider.key:
            monkeypatch.setenv(provider.key, "sk-of-a-provider")
