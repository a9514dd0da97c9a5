"""The proxy in a process that kills itself: `KILL=KIND:WHEN:NUMBER proxy_worker.py APP --fd N`.

KIND is `open` or `close` (the ledger's writes) or `upstream`; WHEN and NUMBER are those of `Killer`. The app
is the real one, and so is everything in it but the provider's transport.
"""

import os
import socket
import sys
from functools import lru_cache
from typing import Final

import uvicorn

from proxy import wiring
from proxy.api import api
from tests.faults.killing import Killer, KillingTransport
from tollgate.gateway import Gateway
from tollgate.runtime import services
from tollgate.settings import proxy_settings
from tollgate.upstream.client import Upstream
from tollgate.wire.transport import KeepAlive

_KIND, _WHEN, _NUMBER = os.environ["KILL"].split(":")
_killer: Final = Killer(_KIND, _WHEN, int(_NUMBER))


@lru_cache(maxsize=1)
def _gateway() -> Gateway:
    _killer.watch(services().http)
    way = KillingTransport(_killer, KeepAlive(keepalive_expiry=60))
    return wiring.build(Upstream(proxy_settings(), transport=way))


async def gateway() -> Gateway:
    """What the app asks for its gateway."""
    return _gateway()


def main() -> None:
    """Serve until death."""
    api.dependency_overrides[wiring.gateway] = gateway
    listener = socket.socket(fileno=int(sys.argv[sys.argv.index("--fd") + 1]))
    config = uvicorn.Config(api, access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
