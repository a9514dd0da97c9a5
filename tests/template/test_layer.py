"""The layer's build stops with a clear message rather than building a layer that cannot work."""

import subprocess
from pathlib import Path

import pytest

from local.settings import ROOT


def make(target: Path, *settings: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "-f", str(ROOT / "layers" / "core" / "Makefile"), "build-CoreLayer", *settings]
    return subprocess.run(  # noqa: S603 - our own Makefile
        [*command, f"ARTIFACTS_DIR={target}"], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("LOCK=/no/such/requirements.lock", "requirements.lock is missing"),
        ("TOLLGATE_LAYER_ARCH=sparc", "not arm64, x86_64 or host"),
        ("UV=", "uv was not found"),
    ],
)
def test_it_stops(tmp_path: Path, setting: str, message: str) -> None:
    done = make(tmp_path / "layer", setting)
    assert done.returncode != 0
    assert message in done.stderr
    assert not (tmp_path / "layer").exists()
