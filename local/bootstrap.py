"""Make the environments that the README's commands need, from nothing but Python.

`python3 local/bootstrap.py run`, or `test` for what the tests need, too.

Standard library only, and old enough in its syntax that a Python too old can say so.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
UV = VENV / "bin" / "uv"
UV_VERSION = "0.13.9"
OLDEST = (3, 11)

# Environment → the lock it is made from. MiniStack and the SAM CLI pin other versions of botocore than each
# other, and a venv of its own shows when the layer lacks a dependency.
ENVIRONMENTS = {
    "run": {VENV: "requirements.lock", ROOT / ".venvs" / "ministack": "local/ministack.lock"},
    "sam": {ROOT / ".venvs" / "sam": "local/sam.lock", ROOT / ".venvs" / "runtime": "local/runtime.lock"},
}


def main() -> None:
    """Make what the named command needs; what is there and current is left alone."""
    if sys.version_info < OLDEST:
        stop("Tollgate needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2])  # noqa: UP031
    wanted = dict(ENVIRONMENTS["run"])
    if "test" in sys.argv[1:]:
        wanted.update(ENVIRONMENTS["sam"])
    make_uv()
    for place, lock in wanted.items():
        make_environment(place, ROOT / lock)
    make_page(needed="test" in sys.argv[1:])


def make_uv() -> None:
    """A venv with uv in it, whose pip fetches it from PyPI."""
    if not (VENV / "bin" / "python").exists():
        say("making .venv")
        made = subprocess.run(
            [sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
        )
        if made.returncode:
            shutil.rmtree(VENV, ignore_errors=True)
            stop(f"python3 cannot make a virtual environment: {last_line(made.stdout + made.stderr)}\n"
                 "On Debian and Ubuntu: sudo apt-get install python3-venv")  # fmt: skip
    if not UV.exists():
        say(f"fetching uv {UV_VERSION}")
        run([str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", f"uv=={UV_VERSION}"], "uv")


def make_environment(place: Path, lock: Path) -> None:
    """One venv, exactly as its lock says."""
    stamp, wanted = place / ".made-from", fingerprint(lock)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"installing {lock.relative_to(ROOT)} into {place.relative_to(ROOT)}")
    python = str(place / "bin" / "python")
    if not Path(python).exists():
        run([str(UV), "venv", "--quiet", "--python", sys.executable, str(place)], str(place))
    run(
        [str(UV), "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", str(lock)],
        lock.name,
    )
    if place == VENV:
        ours = ["--no-deps", "-e", str(ROOT / "layers" / "core"), "-e", str(ROOT / "cli")]
        run([str(UV), "pip", "install", "--quiet", "--python", python, *ours], "the layer and the CLI")
    stamp.write_text(wanted)


def make_page(*, needed: bool) -> None:
    """The usage page, built; Tollgate runs without it, its tests do not."""
    built = subprocess.run([str(VENV / "bin" / "python"), "-m", "local.page_build"], cwd=ROOT, check=False)
    if built.returncode and needed:
        sys.exit(built.returncode)


def fingerprint(lock: Path) -> str:
    """What a venv was made from: the lock, and the Python that runs it."""
    return hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()


def run(command: list[str], what: str) -> None:
    """Run a step; say plainly what could not be had."""
    env = {**os.environ, "VIRTUAL_ENV": str(VENV), "UV_LINK_MODE": "copy"}
    if subprocess.run(command, env=env, cwd=ROOT, check=False).returncode:
        stop(f"{what} could not be installed; the lines above say why. (Is PyPI reachable from here?)")


def last_line(text: str) -> str:
    """The line of an error that says what went wrong."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def say(text: str) -> None:
    """Progress."""
    sys.stderr.write(f"[tollgate] {text} …\n")


def stop(text: str) -> None:
    """Give up with a message that says what to do."""
    sys.exit(f"[tollgate] {text}")


if __name__ == "__main__":
    main()
