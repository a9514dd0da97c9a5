"""What a person running the local stack can choose, read from the environment on first use."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

HOST: Final = "127.0.0.1"  # loopback only, which is why the well-known demo key is good enough
DEMO_KEY: Final = "sk-1234"
ROOT: Final = Path(__file__).resolve().parent.parent


class StackSettings(BaseSettings):
    """`make run`'s interface (DESIGN 6.1); everything listens on 127.0.0.1."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    port: int = Field(default=4000, gt=0, lt=65534)  # the demo provider has port+1, MiniStack port+2
    tollgate_master_key: SecretStr = SecretStr(DEMO_KEY)
    tollgate_home: Path = Path(".tollgate")
    openai_api_key: SecretStr = SecretStr("")
    openai_base_url: str = ""
    anthropic_api_key: SecretStr = SecretStr("")
    anthropic_base_url: str = ""

    @property
    def demo_port(self) -> int:
        """The demo provider's port."""
        return self.port + 1

    @property
    def emulator_port(self) -> int:
        """MiniStack's port."""
        return self.port + 2

    @property
    def url(self) -> str:
        """The gateway's base URL."""
        return f"http://{HOST}:{self.port}"

    @property
    def demo_url(self) -> str:
        """The demo provider's base URL."""
        return f"http://{HOST}:{self.demo_port}"

    @property
    def emulator_url(self) -> str:
        """MiniStack's base URL, which is the AWS endpoint of everything else."""
        return f"http://{HOST}:{self.emulator_port}"


stack_settings = lru_cache(maxsize=1)(StackSettings)
