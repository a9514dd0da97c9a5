"""The real proxy under uvicorn, the demo provider behind it, and calls to make."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.request import Request, urlopen

import httpx2
from boto3.dynamodb.types import TypeDeserializer

from tests.ministack import MASTER_KEY, Deployment
from tests.processes import Server, app, eventually
from tests.truth import truth_rows

Json = dict[str, Any]
_DEADLINE: Final = 40  # seconds; no test waits longer for an answer


@contextmanager
def proxy(
    deployment: Deployment,
    provider: Server,
    log: Path,
    *options: str,
    script: Path | None = None,
    changes: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Server]:
    """The proxy of a deployment; `changes` are to its variables."""
    own = {"OPENAI_API_KEY": "sk-demo", "OPENAI_BASE_URL": f"{provider.url}/v1"}
    environment = {**deployment.environment, **own, **changes}
    with app("proxy.api:api", environment, log, *options, script=script) as server:
        yield server


def client_of(server: Server) -> httpx2.AsyncClient:
    """A client with the key, and as many connections as it needs."""
    return httpx2.AsyncClient(
        base_url=server.url,
        headers={"authorization": f"Bearer {MASTER_KEY}"},
        timeout=_DEADLINE,
        limits=httpx2.Limits(),
        trust_env=False,
    )


def body(customer: str, *, stream: bool = False, model: str = "gpt-4o", **demo: Any) -> Json:
    """A chat call of a customer's; `demo` tells the demo provider what to do."""
    messages = [{"role": "user", "content": f"hello from {customer}"}]
    return {"model": model, "messages": messages, "user": customer, "stream": stream, "demo": demo}


async def chat(client: httpx2.AsyncClient, customer: str, **choices: Any) -> httpx2.Response:
    """Make a call, and read its answer to the end."""
    return await client.post("/v1/chat/completions", json=body(customer, **choices))


def forget(provider: Server) -> None:
    """Empty the provider's truth, once nothing is under way there."""
    at_rest(provider)
    with urlopen(Request(f"{provider.url}/truth", method="DELETE")):  # noqa: S310 - our own child
        pass


def at_rest(provider: Server) -> list[Mapping[str, Any]]:
    """The provider's truth, once it is whole."""
    eventually(
        lambda: all(row["ending"] != "started" for row in truth_rows(provider.url)),
        "the provider has finished every call",
        within=30,
    )
    return list(truth_rows(provider.url))


def stored(deployment: Deployment, call_id: str) -> Json:
    """The ledger's item of a call, as it is; fails when there is none, or more than one."""
    read = TypeDeserializer().deserialize
    found = deployment.dynamodb.scan(
        TableName=deployment.tables.ledger,
        ConsistentRead=True,
        FilterExpression="request_id = :id",
        ExpressionAttributeValues={":id": {"S": call_id}},
    )
    (item,) = found["Items"]
    return {name: read(value) for name, value in item.items()}
