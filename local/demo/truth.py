"""What really happened: one row per attempt that reached the provider, whatever became of its caller.

An attempt ends as `finished`, `refused` (a bad key or body), `client_gone`, or as the fault that shaped it
(`error_500`, `cut_stream`, `no_usage`, …); `started` means that it is still on its way.
"""

import msgspec

from local.demo.usage import Counts


class Row(msgspec.Struct):
    """One attempt; `usage` (tokens) is what it reported, or would have reported had nothing stopped it."""

    call_id: str
    endpoint: str
    model: str = ""
    stream: bool = False
    ending: str = "started"
    reported: bool = False  # the usage object went out whole
    usage: Counts = {}


class Truth:
    """Every attempt since the start, or since it was emptied, in order of arrival."""

    def __init__(self) -> None:
        self._rows: list[Row] = []

    def arrived(self, endpoint: str, call_id: str) -> Row:
        """Open an attempt's row, before anything of it is read, so that no attempt is missed."""
        row = Row(call_id=call_id, endpoint=endpoint)
        self._rows.append(row)
        return row

    def json(self) -> bytes:
        """Write the rows as `{"calls": [...]}`."""
        return msgspec.json.encode({"calls": self._rows})

    def clear(self) -> None:
        """Forget every row."""
        self._rows.clear()
