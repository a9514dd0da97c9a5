"""What can keep the local stack from running, each message naming the fix."""

import sys
from collections.abc import Callable

from pydantic import ValidationError


class StackError(Exception):
    """The local stack cannot start, or cannot go on; the message is for the person at the terminal."""


def exit_status(work: Callable[[], int]) -> int:
    """What the work answers; 2 when its settings make no sense, 1 on StackError, each told on stderr."""
    try:
        return work()
    except ValidationError as error:
        for fault in error.errors():
            print(f"{str(fault['loc'][0]).upper()}: {fault['msg']}", file=sys.stderr)
        return 2
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
