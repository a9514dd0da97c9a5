"""What a provider is: where, which endpoints it speaks and how it wants to be addressed."""

import os
from collections.abc import Mapping
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from tollgate.settings import aws_settings

Api = Literal["openai", "anthropic", "azure", "bedrock"]

_ONLY: Final[Mapping[str, tuple[str, ...]]] = {
    "anthropic": ("/messages", "/messages/count_tokens", "/chat/completions"),
    "bedrock": ("/messages", "/chat/completions"),
}
_LACKS: Final[Mapping[str, tuple[str, ...]]] = {"openai": ("/rerank",), "azure": ("/rerank", "/moderations")}


_FUNCTION: Final = "AWS_LAMBDA_FUNCTION_NAME"


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
    api_version: str = ""  # Azure's query parameter; "v1" for its newer API, which has none
    region: str = ""  # Bedrock's, when it is not the function's own
    endpoints: tuple[str, ...] = ()  # those it speaks, when they are not its API's usual ones
    priced_as: str = ""  # the provider of the price book, when it is not this one's name
    bills: bool = False  # its answers say what it charges for the call, and that is booked

    def speaks(self, path: str, dialect: str) -> bool:
        """Whether an endpoint can be sent there as it is."""
        if self.endpoints or self.api in _ONLY:
            return path in (self.endpoints or _ONLY[self.api])
        return dialect == "openai" and path not in _LACKS[self.api]

    @property
    def base(self) -> str:
        """The base URL, from the environment when the variable is set, with its region and prefix."""
        url = os.environ.get(self.base_url_env) if self.base_url_env else ""
        region = self.region or aws_settings().aws_region
        base = (url or self.base_url).rstrip("/").replace("{region}", region)
        if self.api == "azure":
            root = base.removesuffix("/v1").removesuffix("/openai")
            return f"{root}{self.prefix}/openai{'/v1' if self.is_azure_v1 else ''}"
        return f"{base}{self.prefix}"

    @property
    def is_azure_v1(self) -> bool:
        """Whether it is Azure's newer API, which names the deployment in the body as OpenAI does."""
        return self.api == "azure" and self.api_version == "v1"

    @property
    def missing(self) -> str:
        """What it would need to be called, in words; "" when calls can be sent there.

        That is its key, when it has one; AWS's own Bedrock needs a function's role instead.
        """
        if self.key and not self.key_reference():
            return f"{self.key} is not set"
        if self.api == "bedrock" and "amazonaws.com" in self.base and _FUNCTION not in os.environ:
            return "this gateway is no function, so it has no role"
        return ""

    def key_reference(self) -> str:
        """The key, or a reference to it; empty for a provider that needs none."""
        return os.environ.get(self.key, "") if self.key else ""

    def credentials(self, key: str) -> dict[str, str]:
        """The header that carries its key."""
        if not key:
            return {}
        return {"api-key": key} if self.api == "azure" else {"authorization": f"Bearer {key}"}
