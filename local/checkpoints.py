"""How far each shard of a stream was delivered, in a file: a new gateway goes on where one died."""

import json
from pathlib import Path
from typing import Final

from local.home import write_whole

CLOSED: Final = "closed"  # stands in a finished shard's place, so that its children may be read


class Checkpoints:
    """The checkpoints of one mapping. A stream that was made anew starts without any."""

    def __init__(self, file: Path, arn: str) -> None:
        self._file = file
        self._arn = arn
        self._shards: dict[str, str] = self._load()

    def of(self, shard_id: str) -> str:
        """The last sequence number delivered, `closed`, or nothing."""
        return self._shards.get(shard_id, "")

    def save(self, shard_id: str, sequence: str) -> None:
        """Remember a shard's checkpoint."""
        if self._shards.get(shard_id) != sequence:
            self._shards[shard_id] = sequence
            write_whole(self._file, json.dumps({"stream": self._arn, "shards": self._shards}))

    def _load(self) -> dict[str, str]:
        try:
            saved = json.loads(self._file.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return dict(saved["shards"]) if saved.get("stream") == self._arn else {}
