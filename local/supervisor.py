"""Starts MiniStack, the demo provider and the gateway, keeps them running, and stops them in order."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

import httpx2

from local import ports, programs, template
from local.child import Child, Program
from local.errors import StackError
from local.home import Home, write_whole
from local.provision import provision
from local.settings import StackSettings

_EMULATOR_START: Final = 60.0  # seconds; it loads the state of last time
_START: Final = 30.0
_PROBE: Final = 0.05
_SOON: Final = 1.0  # a child that dies younger than this many seconds is restarted more slowly each time
_SLOWEST: Final = 5.0


class Supervisor:
    """The local stack while it runs."""

    def __init__(self, settings: StackSettings, home: Home) -> None:
        self._settings = settings
        self._home = home
        self._described = template.read(settings.emulator_url)
        self._tether, self._held = os.pipe()  # nobody ever writes; the kernel closes it with this process
        self._children: dict[str, Child] = {}
        self._stopping = asyncio.Event()

    async def run(self, announce: Callable[[], None]) -> None:
        """Run until SIGTERM, SIGINT or SIGHUP; `announce` is called when all is ready.

        Raises StackError when a child cannot be started, or MiniStack dies.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._stop)
        ports.check_free(self._settings)
        with ports.listener(self._settings) as listener:
            try:
                await self._unless_stopped(self._serve(listener.fileno(), announce))
            finally:
                listener.close()
                await self._shut_down()

    async def _serve(self, listener: int, announce: Callable[[], None]) -> None:
        emulator = programs.emulator(self._settings, self._home)
        demo = programs.demo(self._settings, self._home)
        gateway = programs.gateway(self._settings, self._home, self._described, listener)
        self._spawn(emulator)
        self._spawn(demo)
        await self._ready(emulator, f"{self._settings.emulator_url}/_ministack/ready", _EMULATOR_START)
        await provision(self._described, self._settings.emulator_url)
        self._spawn(gateway)
        await self._ready(demo, f"{self._settings.demo_url}/truth", _START)
        await self._ready(gateway, f"{self._settings.url}/health", _START)
        announce()
        await _while_all(self._needed(emulator), self._kept(demo), self._kept(gateway))

    def _spawn(self, program: Program) -> Child:
        child = self._children[program.name] = Child(program, self._tether)
        if program.name == "gateway":
            write_whole(self._home.gateway_pid, f"{child.pid}\n")
        return child

    async def _ready(self, program: Program, url: str, seconds: float) -> None:
        """Wait until a child answers. Raises StackError when it dies, or takes too long."""
        child = self._children[program.name]
        probe, death = asyncio.ensure_future(_answering(url)), asyncio.ensure_future(child.wait())
        done, _ = await asyncio.wait((probe, death), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        probe.cancel()
        death.cancel()
        if probe not in done:
            said = child.last_words()
            raise StackError(f"The {program.name} does not start. {program.log} ends with:\n{said}")

    async def _needed(self, program: Program) -> None:
        """Watch a child that cannot be replaced: what MiniStack held since the start dies with it."""
        how = await self._children[program.name].wait()
        raise StackError(
            f"{program.name} died ({how}), and with it what was written since the start: it saves its state "
            f"when it is stopped. {program.log} may say why. Start again to go on from the last saved state."
        )

    async def _kept(self, program: Program) -> None:
        """Replace a child that dies, at once, as Lambda replaces an environment."""
        pause = 0.0
        while True:
            born = time.monotonic()
            how = await self._children[program.name].wait()
            print(f"The {program.name} died ({how}); it is started again.", flush=True)
            young = time.monotonic() - born < _SOON
            pause = min(_SLOWEST, pause * 2 or 0.2) if young else 0.0
            await asyncio.sleep(pause)
            self._spawn(program)

    async def _unless_stopped(self, serving: Coroutine[Any, Any, None]) -> None:
        work = asyncio.ensure_future(serving)
        asked = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait((work, asked), return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if not work.done():
            work.cancel()
            await asyncio.wait((work,))
            return
        work.result()

    def _stop(self) -> None:
        """Stop; asked twice, give up the calls under way. MiniStack always gets the time to save."""
        if self._stopping.is_set():
            for name in ("gateway", "demo provider"):
                if name in self._children:
                    self._children[name].kill()
            return
        self._stopping.set()
        print("\nStopping: calls under way may finish (Ctrl-C again gives them up).", flush=True)

    async def _shut_down(self) -> None:
        for name in ("gateway", "demo provider", "MiniStack"):
            if name in self._children:
                await self._children[name].stop()
        self._home.gateway_pid.unlink(missing_ok=True)


async def _while_all(*watches: Coroutine[Any, Any, None]) -> None:
    """Run them until one raises; then no other goes on, or it would start again what is being stopped."""
    tasks = [asyncio.ensure_future(watch) for watch in watches]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _answering(url: str) -> None:
    """Return when a URL answers well. A starting gateway answers late: its socket is there already."""
    async with httpx2.AsyncClient(trust_env=False, timeout=None) as http:
        while True:
            with suppress(httpx2.TransportError):
                if (await http.get(url)).is_success:
                    return
            await asyncio.sleep(_PROBE)
