"""One build and one deployment for the whole run."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
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


@pytest.fixture
def api(stack: Deployed) -> Iterator[httpx2.Client]:
    headers = {"authorization": f"Bearer {stack.key}"}
    with httpx2.Client(base_url=stack.url, headers=headers, timeout=30) as client:
        yield client
