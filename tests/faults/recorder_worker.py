"""The recorder in a process of its own, killed at a chosen point: `recorder_worker.py BATCH CALL WHEN`.

WHEN is `before` (call number CALL to DynamoDB is not sent), `sent` (it is on the wire) or `answered`; CALL 0
kills nothing. What the recorder answers is printed as JSON.
"""

import json
import sys
from pathlib import Path

from record_spend.handler import handler
from tests.faults.killing import Killer
from tollgate import runtime


async def _arm(killer: Killer) -> None:
    killer.watch(runtime.services().http)


def main() -> None:
    """Run the recorder once."""
    batch, call, when = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    runtime.run(_arm(Killer("count", when, call)))
    answer = handler({"Records": json.loads(batch.read_text())}, None)
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
