"""The template's tables on MiniStack, and how clients are told of them."""

import asyncio
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from bench.processes import MINISTACK, aws_environment, url
from local import template
from local.provision import provision
from tollgate.settings import AwsSettings

RETENTION_DAYS: Final = 400  # the template's default


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the tables."""

    ledger: str
    counters: str
    customers: str
    budgets: str
    keys: str


def create_tables() -> Tables:
    """Make what template.yaml describes, on an empty MiniStack."""
    described = template.read(url(MINISTACK))
    asyncio.run(provision(described, url(MINISTACK)))
    _, names = described.environment()
    tables = ("LEDGER", "COUNTERS", "CUSTOMERS", "BUDGETS", "KEYS")
    return Tables(*(names[f"{table}_TABLE"] for table in tables))


def environment(store: int) -> dict[str, str]:
    """What a gateway over the store on a port is told by the template."""
    chosen, wired = template.read(url(MINISTACK)).environment()
    return {**chosen, **wired, **aws_environment(store)}


def aws_settings() -> AwsSettings:
    """How a client in this process reaches MiniStack."""
    return AwsSettings(
        aws_endpoint_url=url(MINISTACK),
        aws_access_key_id="test",
        aws_secret_access_key=SecretStr("test"),
        aws_session_token=SecretStr(""),
    )
