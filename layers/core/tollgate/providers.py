"""What a provider is: where, which endpoints it speaks and how it wants to be addressed."""

import os
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

Api = Literal["openai", "anthropic", "azure", "bedrock"]

_ANTHROPIC: Final = ("/messages", "/messages/count_tokens", "/chat/completions")
_BEDROCK: Final = ("/messages", "/chat/completions")


class Strict(BaseModel):
    """A part of models.yaml: unknown fields are refused, because they are misspelt ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Provider(Strict):
    """Where a provider is and which environment variable holds its key."""

    api: Api = "openai"
    base_url: str
    base_url_env: str = ""
    prefix: str = ""
    key: str = ""
    api_version: str = ""  # Azure's query parameter
    endpoints: tuple[str, ...] = ()  # those it speaks, when they are not its API's usual ones
    priced_as: str = ""  # the provider of the price book, when it is not this one's name

    def speaks(self, path: str, dialect: str) -> bool:
        """Whether an endpoint can be sent there as it is."""
        if self.endpoints:
            return path in self.endpoints
        if self.api == "anthropic":
            return path in _ANTHROPIC
        return path in _BEDROCK if self.api == "bedrock" else dialect == "openai"

    @property
    def base(self) -> str:
        """The base URL, from the environment when the variable is set."""
        url = os.environ.get(self.base_url_env) if self.base_url_env else ""
        return f"{(url or self.base_url).rstrip('/')}{self.prefix}"

    def key_reference(self) -> str:
        """The key, or a reference to it; empty for a provider that needs none."""
        return os.environ.get(self.key, "") if self.key else ""
