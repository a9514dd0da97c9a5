"""What the gateway adds to the first byte of a stream, and what open streams cost it in memory.

One worker over MiniStack; streams are opened one after another through the gateway and at the demo provider
directly, in turn. Then 200 slow streams are open at once, and the resident memory of the gateway's process is
read before and while they are.
"""

import asyncio
import os
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx2

from bench import markdown
from bench.processes import DEMO, GATEWAY, KEY, MINISTACK, demo_provider, gateway, ministack, url
from bench.stack import create_tables, environment

_CALLS: Final = 300
_OPEN: Final = 200
_SECONDS: Final = 15  # that a slow stream lasts: longer than it takes to open them all
_MILLISECONDS: Final = 1000
_MEBIBYTE: Final = 1024 * 1024


class Found(NamedTuple):
    """First bytes in milliseconds, sorted, through the gateway and directly; memory in MiB."""

    through: list[float]
    direct: list[float]
    idle: float
    full: float


async def _measure(pid: int) -> Found:
    limits = httpx2.Limits(max_connections=2 * _OPEN)
    async with httpx2.AsyncClient(limits=limits, timeout=60, trust_env=False) as client:
        await _first_byte(client, GATEWAY)
        pairs = [(await _first_byte(client, GATEWAY), await _first_byte(client, DEMO)) for _ in range(_CALLS)]
        idle = _memory(pid)
        full = await _memory_of_open_streams(client, pid)
    through, direct = zip(*pairs, strict=True)
    return Found(sorted(through), sorted(direct), idle, full)


async def _first_byte(client: httpx2.AsyncClient, port: int) -> float:
    start = time.perf_counter()
    async with client.stream("POST", f"{url(port)}/v1/chat/completions", **_call(chunks=2)) as answer:
        pieces = answer.aiter_raw()
        await anext(pieces)
        taken = time.perf_counter() - start
        async for _ in pieces:
            pass
    return taken * _MILLISECONDS


async def _memory_of_open_streams(client: httpx2.AsyncClient, pid: int) -> float:
    """The memory once every stream has sent its first byte, and none its last."""
    begun, over = asyncio.Semaphore(0), asyncio.Event()

    async def hold() -> None:
        call = _call(chunks=_SECONDS, slow_chunk_s=1)
        async with client.stream("POST", f"{url(GATEWAY)}/v1/chat/completions", **call) as answer:
            pieces = answer.aiter_raw()
            await anext(pieces)
            begun.release()
            await over.wait()
            async for _ in pieces:
                pass

    held = [asyncio.create_task(hold()) for _ in range(_OPEN)]
    for _ in held:
        await begun.acquire()
    used = _memory(pid)
    over.set()
    await asyncio.gather(*held)
    return used


def _call(**demo: object) -> dict[str, Any]:
    message = {"role": "user", "content": "What does the bridge weigh?"}
    body = {"model": "gpt-4o-mini", "messages": [message], "stream": True, "user": "bench", "demo": demo}
    return {"json": body, "headers": {"authorization": f"Bearer {KEY}"}}


def _memory(pid: int) -> float:
    """Resident MiB: the second field of /proc/<pid>/statm, in pages, so Linux only (proc(5))."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MEBIBYTE


def main() -> None:
    """Print the tables."""
    with ministack(), demo_provider():
        create_tables()
        with gateway(environment(MINISTACK)) as pid:
            found = asyncio.run(_measure(pid))
    rows = [(name, *_row(found, share)) for name, share in (("p50", 0.5), ("p99", 0.99))]
    print(markdown.table(("first byte", "through, ms", "direct, ms", "added, ms"), rows))
    each = (found.full - found.idle) * 1024 / _OPEN
    memory = [(f"{found.idle:.0f}", f"{found.full:.0f}", f"{each:.0f}")]
    print(markdown.table(("MiB before", f"MiB with {_OPEN} streams open", "KiB a stream"), memory))


def _row(found: Found, share: float) -> tuple[str, str, str]:
    through, direct = (times[int(len(times) * share)] for times in (found.through, found.direct))
    return f"{through:.1f}", f"{direct:.1f}", f"{through - direct:.1f}"


if __name__ == "__main__":
    main()
