"""What AWS does in the background: streams to functions, and functions on schedules; in threads."""

import heapq
import json
import logging
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Event, Thread
from typing import Final

from local import on_failure
from local.delivery import Stopped
from local.event_source import EventSource, World
from local.invocation import LambdaFunction
from local.parts import Schedule, StreamMapping
from local.streams_client import StreamsClient
from tollgate.settings import aws_settings
from tollgate.storage.aws import AwsError, AwsUnavailable

logger = logging.getLogger(__name__)

_BUSY: Final = 0.1  # seconds between two reads while records come
_IDLE: Final = 0.2  # and while none do; Lambda reads four times a second
_BUSY_FOR: Final = 2.0  # seconds that a stream counts as busy after its last record
_MANY: Final = 200  # records in one read after which the next follows at once
_AFTER_ERROR: Final = 1.0
_DRAIN: Final = 3.0  # seconds for what is still in the streams when the stack stops
_EVERY_MINUTE: Final = 60
_LOCAL_MINUTE: Final = 10  # what AWS runs every minute, the shortest there is, runs every 10 s here
_SHARE: Final = 0.1  # of the time; MiniStack reads a whole partition for any query, and answers one at a time
_HEAD_START: Final = 5  # seconds; what runs more seldom runs for the first time when the start is over


class Runner:
    """Feeds streams and keeps schedules from `start` to `stop`."""

    def __init__(
        self,
        functions: Mapping[str, LambdaFunction],
        mappings: Iterable[StreamMapping],
        schedules: Iterable[Schedule],
        checkpoints: Path,
    ) -> None:
        self._functions = functions
        self._stopping = Event()
        sources = [self._source(mapping, checkpoints) for mapping in mappings]
        self._threads = [
            *(
                Thread(target=self._feed, args=(one,), name=one.mapping.function, daemon=True)
                for one in sources
            ),
            Thread(target=self._keep, args=(list(schedules),), name="schedules", daemon=True),
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Deliver what is still in the streams, within a few seconds, and end the threads."""
        self._stopping.set()
        deadline = time.monotonic() + _DRAIN + 2
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _source(self, mapping: StreamMapping, checkpoints: Path) -> EventSource:
        world = World(StreamsClient(aws_settings()), on_failure.send, self._pause)
        return EventSource(mapping, self._functions[mapping.function], world, checkpoints)

    def _pause(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise Stopped

    def _feed(self, source: EventSource) -> None:
        busy_until = 0.0
        while not self._stopping.is_set():
            read = self._poll(source)
            now = time.monotonic()
            if read:
                busy_until = now + _BUSY_FOR
            if read < _MANY:
                self._stopping.wait(_BUSY if now < busy_until or source.is_gathering else _IDLE)
        self._drain(source)

    def _poll(self, source: EventSource) -> int:
        try:
            return source.poll()
        except Stopped:
            return 0
        except (AwsError, AwsUnavailable, LookupError):
            logger.exception("the stream of %s cannot be read", source.mapping.table)
            self._stopping.wait(_AFTER_ERROR)
            return 0

    def _drain(self, source: EventSource) -> None:
        deadline = time.monotonic() + _DRAIN
        try:
            while time.monotonic() < deadline and source.poll(flush=True):
                pass
        except (Stopped, AwsError, AwsUnavailable, LookupError):
            logger.warning("the stream of %s was not read to its end", source.mapping.table)

    def _keep(self, schedules: list[Schedule]) -> None:
        start = time.monotonic()
        due = [(start + _first(one), number) for number, one in enumerate(schedules)]
        heapq.heapify(due)
        while due:
            moment, number = due[0]
            if self._stopping.wait(max(0.0, moment - time.monotonic())):
                return
            began = time.monotonic()
            self._run(schedules[number])
            ended = time.monotonic()
            rest = max(_interval(schedules[number]), (ended - began) / _SHARE)
            heapq.heapreplace(due, (ended + rest, number))

    def _run(self, schedule: Schedule) -> None:
        try:
            self._functions[schedule.function].invoke(json.loads(schedule.input))
        except Exception:
            logger.exception("%s failed on its schedule", schedule.function)


def _interval(schedule: Schedule) -> int:
    return _LOCAL_MINUTE if schedule.every_seconds == _EVERY_MINUTE else schedule.every_seconds


def _first(schedule: Schedule) -> int:
    return 0 if schedule.every_seconds == _EVERY_MINUTE else _HEAD_START
