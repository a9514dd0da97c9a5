"""The ports of the stack: the gateway's is held by the supervisor, the others are checked."""

import socket
import time
from contextlib import closing
from typing import Final

from local.errors import StackError
from local.settings import HOST, StackSettings

_BACKLOG: Final = 2048
_PATIENCE: Final = 2.0  # seconds: the orphans of a supervisor that was killed need some to stop
_PAUSE: Final = 0.1


def check_free(settings: StackSettings) -> None:
    """Raise StackError naming the port that something else listens on, and the fix."""
    for port, what in ((settings.demo_port, "the demo provider"), (settings.emulator_port, "MiniStack")):
        _bound(port, what, settings).close()


def listener(settings: StackSettings) -> socket.socket:
    """The gateway's listening socket, bound here so that it outlives a gateway that is killed.

    Clients that connect while a new gateway starts wait in its queue instead of being refused.
    Raises StackError when the port is taken.
    """
    bound = _bound(settings.port, "the gateway", settings)
    bound.listen(_BACKLOG)
    return bound


def answers(port: int) -> bool:
    """Whether something accepts connections on a port."""
    with closing(socket.socket()) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0


def _bound(port: int, what: str, settings: StackSettings) -> socket.socket:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return _bind(port)
        except OSError as error:
            if time.monotonic() > deadline:
                raise StackError(
                    f"Port {port}, wanted for {what}, cannot be used: {error.strerror}. "
                    f"Stop what listens there, or choose another base port: PORT={settings.port + 10} "
                    "make run (PORT, PORT+1 and PORT+2 must be free)."
                ) from None
            time.sleep(_PAUSE)


def _bind(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
    except OSError:
        bound.close()
        raise
    return bound
