"""Build the page when its sources changed: `python -m local.page_build`, which local/bootstrap.py runs."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from local import bootstrap
from local.node import UI, npm

_MODULES: Final = UI / "node_modules"
_DIST: Final = UI / "dist"
_MADE: Final = frozenset({_MODULES.name, _DIST.name})
_INSTALL: Final = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
_HELP: Final = """the page could not be built; npm's lines above say why.
Is the npm registry reachable? It is `npm config get registry`; a mirror or proxy is set with
`npm config set registry URL` or the variable npm_config_registry. Only the page needs it."""


def main() -> None:
    """Install what ui/package-lock.json names, and build; what is there and current is left alone."""
    _step(_MODULES / ".made-from", [UI / "package-lock.json"], "installing the page's packages", *_INSTALL)
    if not (_DIST / "index.html").is_file():
        (_MODULES / ".built-from").unlink(missing_ok=True)
    _step(_MODULES / ".built-from", _sources(), "building the page", "run", "build")


def fingerprint(files: list[Path]) -> str:
    """What a step was made from: the names and contents of files."""
    found = hashlib.sha256()
    for path in sorted(files):
        content = path.read_bytes()
        found.update(f"{path.relative_to(UI)}\0{len(content)}\0".encode() + content)
    return found.hexdigest()


def _sources() -> list[Path]:
    return list(_files(UI))


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in _MADE:
            yield from _files(path)
        elif path.is_file():
            yield path


def _step(stamp: Path, files: list[Path], told: str, *command: str) -> None:
    wanted = fingerprint(files)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    bootstrap.say(told)
    if npm(*command, quiet=True):
        stamp.unlink(missing_ok=True)
        bootstrap.stop(_HELP)
    stamp.write_text(wanted)


if __name__ == "__main__":
    main()
