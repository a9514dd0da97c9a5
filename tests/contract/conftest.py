"""One emulator; tables that all the examples of a module share, so that they meet what others made."""

from collections.abc import Iterator

import pytest

from tests.contract.callers import Callers, everybody
from tests.functions import acting_as
from tests.ministack import Deployment, deploy, ministack


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ministack(tmp_path_factory.mktemp("ministack")) as url:
        yield url


@pytest.fixture(scope="module")
def deployment(emulator: str) -> Iterator[Deployment]:
    one = deploy(emulator)
    with acting_as(one.environment):
        yield one


@pytest.fixture(scope="module")
def callers(deployment: Deployment) -> Callers:
    return everybody()
