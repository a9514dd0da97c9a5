"""One emulator and one demo provider for all the faults; tables of its own for each test."""

from collections.abc import Iterator

import pytest

from tests.faults.store import BadStore, bad_store
from tests.functions import acting_as
from tests.ministack import Deployment, deploy, ministack
from tests.processes import Server, app

RECONCILE_OPEN_AFTER = 1  # seconds


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ministack(tmp_path_factory.mktemp("ministack")) as url:
        yield url


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with app("local.demo.app:app", {}, tmp_path_factory.mktemp("demo") / "demo.log") as server:
        yield server


@pytest.fixture(scope="module")
def store(emulator: str) -> Iterator[BadStore]:
    with bad_store(emulator) as bad:
        yield bad


@pytest.fixture
def deployment(emulator: str) -> Iterator[Deployment]:
    """New tables, and this process acting as the functions over them."""
    fresh = deploy(emulator)
    with acting_as({**fresh.environment, "RECONCILE_OPEN_AFTER_SECONDS": str(RECONCILE_OPEN_AFTER)}):
        yield fresh
