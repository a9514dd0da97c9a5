"""`make seed`: customers with months of spend, into the tables of the running local stack."""

import asyncio
import sys
import time
from typing import Final

from local import environment, ports, template
from local.errors import StackError, exit_status
from local.home import Home
from local.provision import provision
from local.seed.loading import Part
from local.seed.seeding import in_processes, seed
from local.seed.settings import Plan, SeedSettings, seed_settings
from local.seed.target import Where, opened, where
from local.settings import stack_settings

_EVERY: Final = 5.0  # seconds between two lines


def main() -> int:
    """Seed; 1 when the tables may not be written, 2 when what was asked makes no sense."""
    return exit_status(lambda: asyncio.run(_seed(seed_settings())))


async def _seed(asked: SeedSettings) -> int:
    began, plan = time.monotonic(), asked.plan()
    of = await _where(asked)
    print(f"Seeding {plan}.", flush=True)
    async with opened(of) as target:
        load = in_processes(of, asked.workers, _Progress().tell)
        whole = await seed(target, plan, load, force=asked.force)
    took = f"{time.monotonic() - began:.0f} s"
    print(f"Seeded {_counted(whole)} in {took}." if whole else "Seeded already: nothing to do.")
    return 0


async def _where(asked: SeedSettings) -> Where:
    """The tables of the running local stack, or of the MiniStack named. Raises StackError without one."""
    settings = stack_settings()
    url = asked.ministack_url or settings.emulator_url
    described = template.read(url)
    if asked.ministack_url:
        await provision(described, url)
    elif not ports.answers(settings.emulator_port):
        raise StackError(
            f"No Tollgate runs on port {settings.port}: `make run` starts one, PORT names another."
        )
    found = environment.gateway(settings, Home(settings.tollgate_home), described)
    return where({**found, "AWS_ENDPOINT_URL": url})


class _Progress:
    """A line every few seconds."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _EVERY

    def tell(self, part: Part, plan: Plan) -> None:
        """Say how far it is."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY
        print(f"  {part.customers / plan.customers:4.0%}: {_counted(part)}", flush=True)


def _counted(part: Part) -> str:
    return (
        f"{part.customers:,} customers, {part.shared.events:,} events in {part.counters:,} counters "
        f"and {part.entries:,} ledger entries"
    )


if __name__ == "__main__":
    sys.exit(main())
