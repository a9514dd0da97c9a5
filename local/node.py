"""Node, which builds the page: the machine's own when it is new enough, or PyPI's in a venv of its own.

`python -m local.node run check` is `npm run check` in ui/.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from local import bootstrap

UI: Final = bootstrap.ROOT / "ui"
VENV: Final = bootstrap.ROOT / ".venvs" / "node"
LOCK: Final = bootstrap.ROOT / "local" / "node.lock"
_OLDEST: Final = (20, 19)  # as "engines" in ui/package.json


def npm(*arguments: str, quiet: bool = False) -> int:
    """Run npm in ui/; its exit status. `quiet` shows what it says only when it fails."""
    folder = programs()
    path = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        [str(folder / "npm"), *arguments],
        cwd=UI,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if done.returncode and quiet:
        sys.stderr.write(done.stdout)
    return done.returncode


def programs() -> Path:
    """The folder of a node that is new enough and its npm, fetched from PyPI when there is none."""
    return _installed() or _fetched()


def _installed() -> Path | None:
    node, npm_ = shutil.which("node"), shutil.which("npm")
    if not node or not npm_ or Path(node).parent != Path(npm_).parent:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return Path(node).parent if _version(said) >= _OLDEST else None


def _version(said: str) -> tuple[int, ...]:
    found = re.match(r"v(\d+)\.(\d+)\.", said)
    return tuple(map(int, found.groups())) if found else (0,)


def _fetched() -> Path:
    bootstrap.make_environment(VENV, LOCK)
    return VENV / "bin"


if __name__ == "__main__":
    sys.exit(npm(*sys.argv[1:]))
