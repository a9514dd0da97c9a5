"""The usage page at /ui/ as CloudFront serves it: ui/dist with the template's headers."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.page_files import INDEX, PAGE, cache_control

PREFIX: Final = "/ui"
_COMPRESSED_FROM: Final = 1000  # bytes, as CloudFront has it
_MISSING: Final = (
    "<!doctype html><html lang=en><title>Tollgate</title><h1>The usage page is not built</h1>"
    "<p><code>make run</code> builds it. The API does not need it.</p>"
)


def page(headers: Mapping[str, str], folder: Path = PAGE) -> Starlette:
    """An app that serves the page below /ui; every answer carries the headers."""
    routes = [Route(PREFIX, _with_slash), Mount(PREFIX, _Files(folder))]
    return Starlette(routes=routes, middleware=[
        Middleware(_Headers, headers=headers),
        Middleware(GZipMiddleware, minimum_size=_COMPRESSED_FROM),
    ])  # fmt: skip


class _Files(StaticFiles):
    """The files of a folder that may come and go, and how long each is good."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        built = (self._folder / INDEX).is_file()
        await (super().__call__ if built else HTMLResponse(_MISSING, 503))(scope, receive, send)

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        path = os.path.relpath(full_path, os.path.realpath(self._folder))
        response.headers["cache-control"] = cache_control(path)
        return response


class _Headers:
    """Adds headers to every answer."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, with_headers)


def _with_slash(request: Request) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{PREFIX}/{query}", 308)
