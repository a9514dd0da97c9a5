"""The gateway process, `python -m local.gateway`: the proxy, the other functions' handlers, and the runner.

The supervisor gives it its environment, and its listening socket in TOLLGATE_LISTEN_FD.
"""

import importlib
import logging
import re
import signal
import socket
from collections.abc import Mapping
from typing import Final

import uvicorn
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from local import template
from local.archiving import ParquetFiles
from local.edge import App, Edge, Own
from local.home import Home
from local.invocation import LambdaFunction
from local.page import PREFIX, page
from local.parts import Function
from local.routing import Routes
from local.runner import Runner
from local.settings import HOST, ROOT, stack_settings

FUNCTIONS: Final = ROOT / "functions"
_APP: Final = re.compile(r"uvicorn ([\w.]+):(\w+)")
_GRACE: Final = 10  # seconds for calls under way when the stack stops


class _GatewaySettings(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    tollgate_listen_fd: int = Field(default=-1)


class _Server(uvicorn.Server):
    """Starts the runner when it listens, so that importing handlers does not hold up the first calls."""

    def __init__(self, config: uvicorn.Config, runner: Runner) -> None:
        super().__init__(config)
        self._runner = runner

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then start the runner."""
        await super().startup(sockets)
        self._runner.start()


def main() -> None:
    """Serve until SIGTERM or SIGINT; then finish the calls under way and count what they spent."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    described = template.read(stack_settings().emulator_url)
    functions = described.functions()
    stand_ins = {"archive": ParquetFiles(described.archive_bucket()).handler}
    handlers = {
        name: LambdaFunction(one, stand_ins.get(one.folder))
        for name, one in functions.items()
        if not one.is_web_app
    }
    runner = Runner(
        handlers,
        described.stream_mappings(),
        described.schedules(),
        Home(stack_settings().tollgate_home).checkpoints,
    )
    routes, apps = Routes(described.routes()), _web_apps(functions)
    pages = {PREFIX: page(described.page_headers())}
    edge = Edge(routes, handlers, apps, pages, Own(described.canned, described.compressed_from()))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _only_once)  # uvicorn stops on them, then raises them again
    _Server(_config(edge), runner).run(_sockets())
    runner.stop()


def _config(edge: Edge) -> uvicorn.Config:
    return uvicorn.Config(
        edge,
        host=HOST,
        port=stack_settings().port,
        http="httptools",
        lifespan="on",
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=_GRACE,
    )


def _sockets() -> list[socket.socket] | None:
    descriptor = _GatewaySettings().tollgate_listen_fd
    return [socket.socket(fileno=descriptor)] if descriptor >= 0 else None


def _web_apps(functions: Mapping[str, Function]) -> dict[str, App]:
    return {name: _web_app(one) for name, one in functions.items() if one.is_web_app}


def _web_app(function: Function) -> App:
    """The ASGI app that the function's start script serves. Raises ValueError when it serves none."""
    script = FUNCTIONS / function.handler
    found = _APP.search(script.read_text())
    if found is None:
        raise ValueError(f"{script} starts no uvicorn app")
    module, name = found.groups()
    app: App = getattr(importlib.import_module(module), name)
    return app


def _only_once(_number: int, _frame: object) -> None:
    """Uvicorn has stopped already."""


if __name__ == "__main__":
    main()
