"""Routes that are reached under a prefix: an API's stage, or the base path of a custom domain.

A REST API leaves its stage out of the path and keeps a custom domain's base path in it; an HTTP API keeps the
stage, and Lambda Web Adapter may add it. So a path that no route has is tried without its first segments.
"""

from collections.abc import Iterator
from typing import Final

from starlette.exceptions import HTTPException
from starlette.routing import Match, Router
from starlette.types import Receive, Scope, Send

_VERSION: Final = "v1"
_NOT_FOUND: Final = 404


class UnderPrefix:
    """What a router does with a path that it does not know."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the route below a prefix. Raises HTTPException when there is none."""
        below = self._below(scope) if scope["type"] == "http" and not scope.get("root_path") else None
        if below is None:
            raise HTTPException(_NOT_FOUND)
        await self._router(below, receive, send)

    def _below(self, scope: Scope) -> Scope | None:
        for prefix in _prefixes(scope["path"]):
            below = {**scope, "root_path": prefix}
            if any(route.matches(below)[0] is not Match.NONE for route in self._router.routes):
                return below
        return None


def _prefixes(path: str) -> Iterator[str]:
    """One segment; or more, when /v1 follows. A prefix has no /v1 itself: below that, paths are another's."""
    segments = path.split("/")[1:]
    for count in range(1, len(segments)):
        if segments[count - 1] == _VERSION:
            return
        if count == 1 or segments[count] == _VERSION:
            yield "/" + "/".join(segments[:count])
