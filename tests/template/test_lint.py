"""What AWS's own linters say of the template."""

import os
import subprocess
import sys
from pathlib import Path

from local.deploy import SAM
from local.settings import ROOT


def run(*command: object) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"}
    return subprocess.run(  # noqa: S603 - the project's own tools
        [str(part) for part in command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


def test_cfn_lint_finds_nothing() -> None:
    found = run(Path(sys.executable).parent / "cfn-lint", "template.yaml")
    assert (found.returncode, found.stdout) == (0, ""), found.stderr


def test_sam_validate_lint_finds_nothing() -> None:
    found = run(SAM, "validate", "--lint")
    assert found.returncode == 0, found.stdout + found.stderr
