"""One build and one deployment for the whole run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.deploy import build
from tests.e2e.running import Deployed, deployed


@pytest.fixture(scope="session")
def template() -> Path:
    return build()


@pytest.fixture(scope="session")
def stack(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deployed(template, tmp_path_factory.mktemp("deployed")) as found:
        yield found
