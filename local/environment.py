"""The environments of the supervisor's children, each with no more than it needs."""

import os
from collections.abc import Mapping
from typing import Final

from pydantic import SecretStr

from local.home import Home
from local.intrinsics import REGION
from local.settings import HOST, ROOT, StackSettings
from local.template import Template

_SECRETS: Final = ("TOLLGATE_MASTER_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY")
_DUMMY_KEY: Final = "demo"
# MiniStack answers one call at a time: what is asked again before its turn only makes the line longer.
_PATIENCE: Final = "25"  # seconds


def emulator(settings: StackSettings, home: Home) -> dict[str, str]:
    """MiniStack's: state that survives a stop, on loopback only; the listeners nobody asked for stay off."""
    return {
        **_plain(),
        "GATEWAY_PORT": str(settings.emulator_port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(home.emulator_state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(home.emulator_files),
        "LOG_LEVEL": "WARNING",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }


def demo() -> dict[str, str]:
    """The demo provider's."""
    return {**_plain(), "PYTHONPATH": str(ROOT)}


def gateway(settings: StackSettings, home: Home, described: Template) -> dict[str, str]:
    """The gateway's: the template's variables, what the person exported over them, and where things are."""
    chosen, wired = described.environment()
    exported = {name: value for name, value in os.environ.items() if value}
    return {
        **{name: value for name, value in chosen.items() if not value.startswith("secret:")},
        **_without_aws(exported),
        **wired,
        **_aws(settings),
        "STORE_TIMEOUT_SECONDS": _PATIENCE,
        **_provider("OPENAI", settings.openai_api_key, settings.openai_base_url, f"{settings.demo_url}/v1"),
        **_provider("ANTHROPIC", settings.anthropic_api_key, settings.anthropic_base_url, settings.demo_url),
        "PORT": str(settings.port),
        "TOLLGATE_MASTER_KEY": settings.tollgate_master_key.get_secret_value(),
        "TOLLGATE_HOME": str(home.folder),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'functions'}",
        "NO_PROXY": _no_proxy(),
    }


def _provider(name: str, key: SecretStr, url: str, demo_url: str) -> dict[str, str]:
    """With a key the real provider, where the person's SDKs look for it; without one the demo provider."""
    if key.get_secret_value():
        real = {f"{name}_API_KEY": key.get_secret_value()}
        return {**real, f"{name}_BASE_URL": url} if url else real
    return {f"{name}_API_KEY": _DUMMY_KEY, f"{name}_BASE_URL": demo_url}


def _aws(settings: StackSettings) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": settings.emulator_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }


def _plain() -> dict[str, str]:
    """The person's environment without secrets, and without anything that would lead to their AWS account."""
    return {name: value for name, value in _without_aws(os.environ).items() if name not in _SECRETS}


def _without_aws(variables: Mapping[str, str]) -> dict[str, str]:
    # Bytecode is kept, whatever the shell says: without it every start compiles FastAPI and pydantic anew.
    kept = {name: value for name, value in variables.items() if not name.startswith("AWS_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    kept.pop("PYTHONPATH", None)
    return {**kept, "PYTHONUNBUFFERED": "1"}  # a log holds what was said before a kill


def _no_proxy() -> str:
    """The person's exceptions from their HTTP proxy, and the demo provider."""
    return ",".join(filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), HOST)))
