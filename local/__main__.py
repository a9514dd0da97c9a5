"""`python -m local`: the whole product on this machine, until Ctrl-C."""

import asyncio
import sys
import time

from local import welcome
from local.errors import exit_status
from local.home import Home
from local.settings import StackSettings, stack_settings
from local.supervisor import Supervisor


def main() -> int:
    """Run the stack; answers the exit status."""
    return exit_status(_main)


def _main() -> int:
    began = time.monotonic()
    settings = stack_settings()
    home = Home(settings.tollgate_home)
    with home.locked():
        asyncio.run(_run(settings, home, began))
    return 0


async def _run(settings: StackSettings, home: Home, began: float) -> None:
    def announce() -> None:
        print(welcome.text(settings, time.monotonic() - began), flush=True)

    await Supervisor(settings, home).run(announce)


if __name__ == "__main__":
    sys.exit(main())
