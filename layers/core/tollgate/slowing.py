"""Who fails to get in again and again is slowed: by address, in this process."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from math import ceil
from typing import Final

from tollgate.errors import RateLimited

_MOST: Final = 10  # failures that one source has in a minute before it is slowed
_MINUTE: Final = 60.0  # seconds
_SOURCES: Final = 10_000


class Slowing:
    """The failures of the last minute, by source; of very many sources the longest quiet are forgotten."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, source: str) -> None:
        """Raise RateLimited, with a true retry-after, for a source with more than ten failures a minute."""
        failed = self._failed.get(source)
        if failed is None or len(failed) <= _MOST:
            return
        left = failed[0] + _MINUTE - self._now()
        if left > 0:
            seconds = max(1, ceil(left))
            refused = RateLimited(f"Too many failed attempts from this address. Try again in {seconds} s.")
            refused.headers = {"retry-after": str(seconds)}
            raise refused

    def failed(self, source: str) -> None:
        """One more failure; "" is an address that is not known, and is not slowed."""
        if not source:
            return
        self._failed.setdefault(source, deque(maxlen=_MOST + 1)).append(self._now())
        self._failed.move_to_end(source)
        if len(self._failed) > _SOURCES:
            self._failed.popitem(last=False)
