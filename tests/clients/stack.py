"""A whole deployment on loopback for real clients: emulator, demo provider, gateway."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

import yaml

from tests.ministack import MASTER_KEY, Deployment, deploy, ministack
from tests.processes import ROOT, Server, app

KEY: Final = MASTER_KEY
SHIPPED: Final = ROOT / "layers" / "core" / "tollgate" / "models.yaml"
# What the price book leaves out: pictures and searches sold by number, at the prices their providers publish.
OWN_MODELS: Final = (
    {"name": "dall-e-3", "provider": "openai", "prices": {"images": 0.04}},
    {"name": "rerank-v3.5", "provider": "cohere", "prices": {"rerank_searches": 0.002}},
)


@dataclass(frozen=True, slots=True)
class Stack:
    """What runs, and where; `url` and `provider` are the roots of the gateway and of the demo provider."""

    url: str
    provider: str
    deployment: Deployment

    def truth(self) -> list[dict[str, Any]]:
        """Every attempt that reached the provider since the last `forget`."""
        with urlopen(f"{self.provider}/truth") as answer:  # noqa: S310 - our own provider on loopback
            return list(json.load(answer)["calls"])

    def forget(self) -> None:
        """Empty the truth, and end all faults."""
        self._ask("DELETE", "/truth", None)
        self.faults()

    def faults(self, **rates: float) -> None:
        """Put these faults and no others in force."""
        self._ask("POST", "/faults", rates)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> None:
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(f"{self.provider}{path}", data, method=method)):  # noqa: S310 - the same
            pass


@contextmanager
def running(folder: Path, **choices: str) -> Iterator[Stack]:
    """A stack with its state and logs in a folder; choices are further variables of the gateway."""
    with (
        ministack(folder) as aws,
        app("local.demo.app:app", {}, folder / "provider.log") as provider,
    ):
        deployment = deploy(aws)
        environment = {
            **deployment.environment,
            "MODELS_FILE": str(_models_file(folder, provider.url)),
            "OPENAI_API_KEY": "demo",
            "OPENAI_BASE_URL": f"{provider.url}/v1",
            "ANTHROPIC_API_KEY": "demo",
            "ANTHROPIC_BASE_URL": provider.url,
            "COHERE_API_KEY": "demo",
            **choices,
        }
        with app("proxy.api:api", environment, folder / "gateway.log") as gateway:
            await_answer(gateway)
            yield Stack(gateway.url, provider.url, deployment)


def await_answer(gateway: Server) -> None:
    """Wait for the gateway; a child that dies before it answers says why."""
    # Its socket listens before it is there, so that this waits for the answer and not for the port.
    while gateway.process.poll() is None:
        with suppress(OSError), urlopen(f"{gateway.url}/health", timeout=1):  # noqa: S310 - our own gateway
            return
    raise AssertionError(gateway.said())


def _models_file(folder: Path, provider: str) -> Path:
    """The models of a release, and a few of our own before them."""
    models = yaml.safe_load(SHIPPED.read_text())
    models["providers"]["cohere"]["base_url"] = f"{provider}/v1"
    models["models"] = [*OWN_MODELS, *models["models"]]
    file = folder / "models.yaml"
    file.write_text(yaml.safe_dump(models))
    return file
