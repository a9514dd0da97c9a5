"""The real template onto an emulator: `python -m local.deploy [URL]` (`make deploy-local`).

It builds for this machine, puts the two secrets in place, deploys with buffered answers, and prints
the API's URL.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import boto3

from local.errors import StackError
from local.page_upload import upload
from local.ports import answers
from local.settings import DEMO_KEY, ROOT, stack_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

BUILD: Final = ROOT / ".aws-sam" / "local"
SAM: Final = ROOT / ".venvs" / "sam" / "bin" / "sam"
EMULATOR_PYTHON: Final = ROOT / ".venvs" / "ministack" / "bin" / "python"
STACK: Final = "tollgate"
_BUCKET: Final = "tollgate-artifacts"
_REGION: Final = "us-east-1"
_ACCOUNT: Final = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": _REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
_PERSONAL: Final = ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN")  # must not reach an emulator


@dataclass(frozen=True, slots=True)
class Plan:
    """What is deployed where: the emulator's URL, the providers' base URLs and their key, the master key."""

    endpoint: str
    openai_base_url: str
    anthropic_base_url: str
    master_key: str = DEMO_KEY
    provider_key: str = "sk-demo"


def build(folder: Path = BUILD) -> Path:
    """`sam build` for this machine and the emulator's Python; the built template. Raises StackError."""
    version = _run([EMULATOR_PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], {}).strip()
    layer = {"TOLLGATE_LAYER_ARCH": "host", "TOLLGATE_LAYER_PYTHON": version}
    _run([SAM, "build", "--template", ROOT / "template.yaml", "--build-dir", folder], layer)
    return folder / "template.yaml"


def deploy(plan: Plan, template: Path) -> dict[str, str]:
    """Deploy a built template and the page; its outputs, `Url` the API's by path. Raises StackError."""
    check(plan.endpoint)
    _prepare(plan)
    chosen: list[str | Path] = ["--config-file", ROOT / "samconfig.toml", "--config-env", "emulator"]
    environment = {**_ACCOUNT, "AWS_ENDPOINT_URL": plan.endpoint, "SAM_CLI_POLL_DELAY": "0.5"}
    parameters = ["--parameter-overrides", *_parameters(plan)]
    _run(
        [SAM, "deploy", "--template-file", template, "--s3-bucket", _BUCKET, *chosen, *parameters],
        environment,
    )
    outputs = _outputs(plan.endpoint)
    upload(account(), outputs, plan.endpoint)
    return outputs


def account() -> boto3.Session:
    """The emulator's account, for tests and tools; clients need `endpoint_url`."""
    return boto3.Session("test", "test", region_name=_REGION)


def _parameters(plan: Plan) -> list[str]:
    arm = platform.machine().lower() in ("arm64", "aarch64")
    chosen = {
        "ResponseStreaming": "false",
        "Architecture": "arm64" if arm else "x86_64",
        "AwsEndpointUrl": plan.endpoint,
        "OpenAIBaseUrl": plan.openai_base_url,
        "AnthropicBaseUrl": plan.anthropic_base_url,
    }
    return [f"{name}={value}" for name, value in chosen.items()]


def _prepare(plan: Plan) -> None:
    account().client("s3", endpoint_url=plan.endpoint).create_bucket(Bucket=_BUCKET)
    secrets = account().client("secretsmanager", endpoint_url=plan.endpoint)
    provider_keys = json.dumps({"OPENAI_API_KEY": plan.provider_key, "ANTHROPIC_API_KEY": plan.provider_key})
    for name, text in (("tollgate/master-key", plan.master_key), ("tollgate/provider-keys", provider_keys)):
        try:
            secrets.create_secret(Name=name, SecretString=text)
        except secrets.exceptions.ResourceExistsException:
            secrets.put_secret_value(SecretId=name, SecretString=text)


def _outputs(endpoint: str) -> dict[str, str]:
    cloudformation = account().client("cloudformation", endpoint_url=endpoint)
    (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    stage = urlsplit(outputs["BaseUrl"]).path.strip("/")
    return {**outputs, "Url": f"{endpoint}/_aws/execute-api/{outputs['ApiId']}/{stage}/"}


def check(endpoint: str) -> None:
    """Raise StackError unless an emulator answers there, on this machine."""
    where = urlsplit(endpoint)
    host = where.hostname or ""
    if host != "localhost" and not (host.replace(".", "").isdigit() and ip_address(host).is_loopback):
        raise StackError(f"{endpoint} is not on this machine; use `sam deploy --guided` for AWS.")
    if not answers(where.port or 80):
        raise StackError(f"Nothing answers at {endpoint}; `make run` starts an emulator.")


def _run(command: "list[str | Path]", environment: "Mapping[str, str]") -> str:
    """Run a tool to its end; its output. Raises StackError with the end of what it said."""
    own = {name: value for name, value in os.environ.items() if name not in _PERSONAL}
    own |= {"SAM_CLI_TELEMETRY": "0", "NO_PROXY": "127.0.0.1,localhost", **environment}
    try:
        done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise StackError(f"{command[0]} is missing; `make test-environment` installs it.") from None
    if done.returncode:
        raise StackError(
            f"{Path(command[0]).name} {command[1]} failed:\n{(done.stdout + done.stderr)[-4000:]}"
        )
    return done.stdout


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Deploy the real template onto a running emulator.")
    stack = stack_settings()
    parser.add_argument(
        "endpoint", nargs="?", default=stack.emulator_url, help="the emulator's (of `make run`)"
    )
    parser.add_argument("--openai-base-url", default=f"{stack.demo_url}/v1")
    parser.add_argument("--anthropic-base-url", default=stack.demo_url)
    parser.add_argument("--master-key", default=DEMO_KEY)
    asked = parser.parse_args()
    plan = Plan(asked.endpoint.rstrip("/"), asked.openai_base_url, asked.anthropic_base_url, asked.master_key)
    try:
        check(plan.endpoint)
        outputs = deploy(plan, build())
    except StackError as error:
        sys.exit(str(error))
    print(outputs["Url"])
    host = urlsplit(outputs["PageUrl"]).netloc  # MiniStack's CloudFront goes by it
    print(f'curl -H "Host: {host}" -H "X-Forwarded-Proto: https" {plan.endpoint}/ui/')


if __name__ == "__main__":
    main()
