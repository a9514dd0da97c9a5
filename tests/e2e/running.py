"""The deployed stack under test: an emulator that checks signatures and policies, and the demo provider."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import httpx2

from local.deploy import EMULATOR_PYTHON, Plan, account, deploy
from local.settings import DEMO_KEY
from tests.processes import HOST, Server, app, eventually, free_port, serving
from tests.truth import Tables
from tollgate.money import loads

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient


@dataclass(frozen=True, slots=True)
class Deployed:
    """What the tests talk to."""

    url: str  # of the API, with its stage and a slash at the end
    endpoint: str  # the emulator's
    provider: str  # the demo provider's
    outputs: Mapping[str, str]
    key: str = DEMO_KEY

    @property
    def tables(self) -> Tables:
        names = ("LedgerTableName", "CountersTableName", "CustomersTableName")
        return Tables(*(self.outputs[name] for name in names))

    @property
    def dynamodb(self) -> "DynamoDBClient":
        return account().client("dynamodb", endpoint_url=self.endpoint)

    @property
    def functions(self) -> "LambdaClient":
        return account().client("lambda", endpoint_url=self.endpoint)


def answered(answer: httpx2.Response) -> Any:
    """What a call that must succeed answered, its numbers exact."""
    assert answer.status_code == 200, answer.text
    return loads(answer.content)


def post(api: httpx2.Client, path: str, body: Any) -> Any:
    return answered(api.post(path, json=body))


@contextmanager
def deployed(template: Path, folder: Path) -> Iterator[Deployed]:
    with emulator(folder) as aws, app("local.demo.app:app", {}, folder / "demo.log") as demo:
        outputs = deploy(Plan(aws.url, f"{demo.url}/v1", demo.url), template)
        yield Deployed(outputs["Url"], aws.url, demo.url, outputs)


@contextmanager
def emulator(folder: Path) -> Iterator[Server]:
    port = free_port()
    environment = {
        "AUTH": "true",  # signatures are checked, and each function may do what its role allows and no more
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": str(folder),
        "LOG_LEVEL": "WARNING",
        "LAMBDA_ACCOUNT_CONCURRENCY": "10",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
    }
    command = [str(EMULATOR_PYTHON), "-m", "ministack"]
    with serving(command, environment, folder / "ministack.log", port) as server:
        eventually(lambda: answers(f"{server.url}/_ministack/health"), "MiniStack answers", within=30)
        yield server


def answers(url: str) -> bool:
    """Whether a URL is served, with whatever status."""
    try:
        with urlopen(url, timeout=5):  # noqa: S310 - a child of ours on loopback
            return True
    except HTTPError as error:
        error.close()
        return True
    except (URLError, OSError):
        return False
