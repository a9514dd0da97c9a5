"""What template.yaml describes, as typed values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Resource:
    """A table or queue: its name and its properties, resolved, as CloudFormation spells them."""

    name: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function. `handler` is `folder.handler.handler`, or `folder/run.sh` for a web app."""

    name: str
    arn: str
    handler: str
    timeout_seconds: int
    memory_mb: int

    @property
    def folder(self) -> str:
        """The folder below functions/ that holds its code."""
        return re.split(r"[./]", self.handler, maxsplit=1)[0]

    @property
    def is_web_app(self) -> bool:
        """Whether the handler is a web server's start script, not a Python function."""
        return self.handler.endswith("/run.sh")


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path of the API, and the function that answers it."""

    method: str
    path: str
    function: str


@dataclass(frozen=True, slots=True)
class Canned:
    """What API Gateway itself answers when no function does."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class StreamMapping:
    """A DynamoDB stream's event source mapping; -1 means without end."""

    function: str
    table: str
    starting_position: str
    patterns: tuple[Mapping[str, Any], ...]
    batch_size: int
    window_seconds: int
    reports_failures: bool
    bisects: bool
    max_retries: int
    max_age_seconds: int
    on_failure_url: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """A function called with an input, every so many seconds."""

    function: str
    every_seconds: int
    input: str
