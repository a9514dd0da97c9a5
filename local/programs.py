"""The supervisor's three children, as programs."""

from typing import Final

from local import environment
from local.child import Program
from local.errors import StackError
from local.home import Home
from local.settings import HOST, ROOT, StackSettings
from local.template import Template

EMULATOR_PYTHON: Final = ROOT / ".venvs" / "ministack" / "bin" / "python"


def emulator(settings: StackSettings, home: Home) -> Program:
    """MiniStack, in an environment of its own. Raises StackError when it is not installed."""
    if not EMULATOR_PYTHON.exists():
        raise StackError(f"MiniStack is not installed in {EMULATOR_PYTHON.parent.parent}: run `make run`.")
    return Program(
        name="MiniStack",
        module=("ministack",),
        environment=environment.emulator(settings, home),
        log=home.log("ministack"),
        stop_seconds=300,  # it saves its state on SIGTERM, only then: a million items take minutes
        orphan_seconds=60,
        python=EMULATOR_PYTHON,
    )


def demo(settings: StackSettings, home: Home) -> Program:
    """The demo provider."""
    where = ("--host", HOST, "--port", str(settings.demo_port))
    alone = ("--workers", "1", "--timeout-graceful-shutdown", "1")
    quiet = ("--no-access-log", "--log-level", "warning")
    return Program(
        name="demo provider",
        module=("uvicorn", "local.demo.app:app", *where, *alone, *quiet),
        environment=environment.demo(),
        log=home.log("demo"),
        stop_seconds=5,
        orphan_seconds=1,
    )


def gateway(settings: StackSettings, home: Home, described: Template, listener: int) -> Program:
    """The gateway, listening on a socket that is there already."""
    variables = environment.gateway(settings, home, described)
    return Program(
        name="gateway",
        module=("local.gateway",),
        environment={**variables, "TOLLGATE_LISTEN_FD": str(listener)},
        log=home.log("gateway"),
        stop_seconds=20,  # calls under way may end, and what they spent is counted
        orphan_seconds=1,  # nothing it could still do would be kept
        descriptors=(listener,),
    )
