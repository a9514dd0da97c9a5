"""When the page is built again, with which Node, and what a person is told when it cannot be."""

from pathlib import Path

import pytest

from local import bootstrap, node, page_build

NPM = """#!/bin/sh
echo "$*" >> "{log}"
echo "npm says what it does"
case "$1" in ci) mkdir -p node_modules ;; run) mkdir -p dist && echo built > dist/index.html ;; esac
exit {status}
"""
CI = "ci --ignore-scripts --no-audit --no-fund --loglevel=error"
BUILD = "run build"


def program(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def ui(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page's sources, and a machine whose Node only notes what it is asked for."""
    folder = tmp_path / "ui"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "main.ts").write_text("1")
    (folder / "package-lock.json").write_text("{}")
    monkeypatch.setattr(node, "UI", folder)
    for name, path in {"UI": "", "_MODULES": "node_modules", "_DIST": "dist"}.items():
        monkeypatch.setattr(page_build, name, folder / path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    installed(tmp_path, "v20.19.0")
    return folder


def installed(folder: Path, version: str, status: int = 0) -> None:
    program(folder / "bin" / "node", f"#!/bin/sh\necho {version}\n")
    program(folder / "bin" / "npm", NPM.format(log=folder / "log", status=status))


def steps(ui: Path) -> list[str]:
    """What npm was asked for by one more `make run`."""
    log = ui.parent / "log"
    log.write_text("")
    page_build.main()
    return log.read_text().splitlines()


def test_the_page_is_built_once(ui: Path) -> None:
    assert steps(ui) == [CI, BUILD]
    assert steps(ui) == []


@pytest.mark.parametrize(
    ("path", "asked"),
    [("src/main.ts", [BUILD]), ("src/new.ts", [BUILD]), ("package-lock.json", [CI, BUILD])],
)
def test_it_is_built_again_when_its_sources_change(ui: Path, path: str, asked: list[str]) -> None:
    steps(ui)
    (ui / path).write_text("2")
    assert steps(ui) == asked
    assert steps(ui) == []


def test_it_is_built_again_when_it_was_thrown_away(ui: Path) -> None:
    steps(ui)
    (ui / "dist" / "index.html").unlink()
    assert steps(ui) == [BUILD]


def test_a_build_that_fails_says_why_and_what_to_look_at_and_is_tried_again(
    ui: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    installed(ui.parent, "v22.1.0", status=1)
    with pytest.raises(SystemExit, match="npm registry reachable"):
        page_build.main()
    assert "npm says what it does" in capfd.readouterr().err
    installed(ui.parent, "v22.1.0")
    assert steps(ui) == [CI, BUILD]
    assert "npm says what it does" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("version", ["v20.18.9", "v18.20.0", "nonsense"])
def test_a_node_that_is_too_old_is_replaced_by_one_from_pypi(
    ui: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[Path] = []
    monkeypatch.setattr(bootstrap, "make_environment", lambda place, _lock: fetched.append(place))
    installed(ui.parent, "v20.19.0")
    assert node.programs() == ui.parent / "bin"
    installed(ui.parent, version)
    assert node.programs() == node.VENV / "bin"
    assert fetched == [node.VENV]
