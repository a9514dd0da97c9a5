"""Lambda handlers called in this process: imported on first use, one call at a time, with a context."""

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any
from uuid import uuid4

from local.parts import Function

Handler = Callable[[Any, "Context"], Any]


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler is told of its call; Lambda's own names.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    aws_request_id: str
    deadline: float
    function_version: str = "$LATEST"
    identity: None = None
    client_context: None = None

    @property
    def log_group_name(self) -> str:
        """Where Lambda would log."""
        return f"/aws/lambda/{self.function_name}"

    @property
    def log_stream_name(self) -> str:
        """The stream Lambda would log to."""
        return self.aws_request_id

    def get_remaining_time_in_millis(self) -> int:
        """How long Lambda would let the call go on."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))


class LambdaFunction:
    """One function of the template, as one Lambda environment: it never runs two calls at once.

    `handler` stands in for the one that the template names.
    """

    def __init__(self, function: Function, handler: Handler | None = None) -> None:
        self.function = function
        self._given = handler
        self._lock = Lock()

    @cached_property
    def _handler(self) -> Handler:
        if self._given:
            return self._given
        module, _, name = self.function.handler.rpartition(".")
        handler: Handler = getattr(importlib.import_module(module), name)
        return handler

    def invoke(self, event: Any, request_id: str = "") -> Any:
        """Call the handler in this thread, after the calls before it; raises whatever it raises."""
        with self._lock:
            return self._handler(event, self._context(request_id or str(uuid4())))

    def _context(self, request_id: str) -> Context:
        return Context(
            function_name=self.function.name,
            invoked_function_arn=self.function.arn,
            memory_limit_in_mb=str(self.function.memory_mb),
            aws_request_id=request_id,
            deadline=time.monotonic() + self.function.timeout_seconds,
        )
