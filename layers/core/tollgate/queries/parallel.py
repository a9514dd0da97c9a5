"""Many small reads at once, but not more than the connection pool carries."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

A = TypeVar("A")
T = TypeVar("T")

AT_ONCE: Final = 64  # below the 100 idle connections that are kept: each is used again


async def each(read: Callable[[A], Awaitable[T]], subjects: Iterable[A], at_once: int = AT_ONCE) -> list[T]:
    """What read answers for each subject, in their order; the first failure is raised and ends the rest."""
    turnstile = asyncio.Semaphore(at_once)

    async def through(subject: A) -> T:
        async with turnstile:
            return await read(subject)

    tasks = [asyncio.ensure_future(through(subject)) for subject in subjects]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
