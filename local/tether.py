"""Runs a Python module that dies when its supervisor does, even one killed with SIGKILL.

`python local/tether.py GRACE_SECONDS MODULE`: stdin is the read end of a pipe whose only writer is the
supervisor. Nothing is ever written; end of file means the supervisor is gone, on Linux and macOS alike. The
module then gets the SIGTERM it would have got from the supervisor, and SIGKILL when the grace is over.

It imports nothing of this project: MiniStack runs under it on an interpreter of its own.
"""

import os
import runpy
import signal
import sys
import threading
import time


def _watch(grace: float) -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(grace)
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Start watching and become the module."""
    grace, module = float(sys.argv[1]), sys.argv[2]
    sys.argv[1:3] = []
    sys.path.pop(0)  # this folder, whose modules must not shadow anybody's
    threading.Thread(target=_watch, args=(grace,), name="tether", daemon=True).start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
