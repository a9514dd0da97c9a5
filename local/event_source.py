"""One DynamoDB stream feeding one function, as Lambda's event source mapping does it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.checkpoints import CLOSED, Checkpoints
from local.delivery import Batch, Condition, Delivery, Record, sequence
from local.gathering import Gathering
from local.invocation import LambdaFunction
from local.on_failure import Origin, Sender, report
from local.parts import StreamMapping
from local.streams import ShardReader, StreamsApi, shards_of, stream_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class World:
    """What an event source reaches: the Streams API, queues, and a pause that raises Stopped."""

    api: StreamsApi
    send: Sender
    pause: Callable[[float], None]


class EventSource:
    """Polls a stream and delivers what it reads to a function."""

    def __init__(
        self, mapping: StreamMapping, function: LambdaFunction, world: World, checkpoints: Path
    ) -> None:
        self.mapping = mapping
        self.function = function
        self.world = world
        self._file = checkpoints / f"{mapping.function}.json"
        self._arn = ""
        self._shards: dict[str, _Shard] = {}

    def poll(self, *, flush: bool = False) -> int:
        """Read each open shard once and deliver what is due; answers how many records were read.

        Raises Stopped, AwsError, AwsUnavailable, and LookupError when the table has no stream.
        """
        if not self._shards:
            self._find_shards()
        read = sum([shard.poll(flush=flush) for shard in self._shards.values()])
        if any(shard.is_finished for shard in self._shards.values()):
            self._find_shards()
        return read

    @property
    def is_gathering(self) -> bool:
        """Whether records wait for their window to end."""
        return any(not shard.gathering.is_empty for shard in self._shards.values())

    def _find_shards(self) -> None:
        """Open every shard whose parent is finished."""
        self._arn = self._arn or stream_of(self.world.api, self.mapping.table)
        checkpoints = Checkpoints(self._file, self._arn)
        found = shards_of(self.world.api, self._arn)
        unfinished = {one.shard_id for one in found if checkpoints.of(one.shard_id) != CLOSED}
        ready = [one.shard_id for one in found if one.parent_id not in unfinished]
        self._shards = {
            shard_id: self._shards.get(shard_id) or _Shard(self, self._arn, shard_id, checkpoints)
            for shard_id in ready
            if shard_id in unfinished
        }


class _Shard:
    """One shard of the stream: read, gathered, and delivered (it is the delivery's destination)."""

    def __init__(self, source: EventSource, arn: str, shard_id: str, checkpoints: Checkpoints) -> None:
        mapping = source.mapping
        self._source = source
        self._origin = Origin(source.function.function.arn, arn, shard_id)
        self._checkpoints = checkpoints
        after, position = checkpoints.of(shard_id), mapping.starting_position
        self._reader = ShardReader(source.world.api, arn, shard_id, after=after, position=position)
        self.gathering = Gathering(mapping)
        self._delivery = Delivery(mapping, self)
        self.pause = source.world.pause

    @property
    def is_finished(self) -> bool:
        return self._reader.closed and self.gathering.is_empty

    def poll(self, *, flush: bool) -> int:
        records = self._reader.read()
        self.gathering.add(records)
        while batch := self.gathering.due(flush=flush or self._reader.closed):
            self._delivery.deliver(batch)
        if records and self.gathering.is_empty:
            self.done(sequence(records[-1]))
        if self.is_finished:
            self.done(CLOSED)
        return len(records)

    def call(self, records: Sequence[Record]) -> Any:
        arn = self._origin.stream_arn
        event = {"Records": [{**record, "eventSourceARN": arn} for record in records]}
        try:
            return self._source.function.invoke(event)
        except Exception:
            logger.exception("%s failed on a batch of %d", self._source.mapping.function, len(records))
            raise

    def discard(self, batch: Batch, condition: Condition) -> None:
        logger.error(
            "%s: gave up %d records: %s", self._source.mapping.function, len(batch.records), condition
        )
        if url := self._source.mapping.on_failure_url:
            self._source.world.send(url, report(batch, condition, self._origin))

    def done(self, mark: str) -> None:
        self._checkpoints.save(self._origin.shard_id, mark)
