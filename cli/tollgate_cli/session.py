"""What a command works with: the deployment it was told to speak to, and the way it was told to answer."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import httpx2

from tollgate_cli.client import Tollgate
from tollgate_cli.connection import checked_url, is_loopback
from tollgate_cli.errors import Unusable
from tollgate_cli.output import Output

LOCAL_URL: Final = "http://127.0.0.1:4000"
LOCAL_KEY: Final = "sk-1234"  # `make run`'s, which answers on this machine only
_NO_KEY: Final = (
    "No key for {url}: set TOLLGATE_KEY (better than --key, which other users of a machine can see)."
)


@dataclass(frozen=True, slots=True)
class Outside:
    """What commands reach beyond this process; None is the real thing, and tests hand in their own."""

    transport: httpx2.BaseTransport | None = None
    lambda_client: Callable[[], Any] | None = None
    s3_client: Any = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The options that every command has: before the command, where the environment counts, or after it."""

    url: str | None = None
    key: str | None = None
    json: bool = False
    outside: Outside = field(default_factory=Outside)

    def over(self, other: "Chosen") -> "Chosen":
        """These, and where nothing was chosen the other's."""
        chosen = replace(other, json=self.json or other.json)
        return replace(chosen, url=self.url or other.url, key=self.key or other.key)


class Session:
    """One run of a command. Raises Unusable for a URL that is none."""

    def __init__(self, chosen: Chosen) -> None:
        self.url = checked_url(chosen.url or LOCAL_URL)
        self.outside = chosen.outside
        self.output = Output(as_json=chosen.json)
        self._key = chosen.key

    @cached_property
    def api(self) -> Tollgate:
        """The deployment. Raises Unusable when there is no key for it."""
        key = self._key or (LOCAL_KEY if is_loopback(self.url) else None)
        if key is None:
            raise Unusable(_NO_KEY.format(url=self.url))
        return Tollgate(self.url, key, transport=self.outside.transport)

    def close(self) -> None:
        """Give the sockets back, if any were opened."""
        if "api" in self.__dict__:
            self.api.close()
