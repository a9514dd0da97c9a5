"""Which headers cross the gateway; everything else stays on its side."""

from collections.abc import Mapping
from typing import Final

from tollgate.errors import BadRequest

_TO_PROVIDER: Final = frozenset(
    {
        "accept",
        "content-type",
        "openai-beta",
        "openai-organization",
        "openai-project",
        "anthropic-beta",
        "anthropic-version",
    }
)
_TO_CLIENT: Final = frozenset(
    {"content-type", "retry-after", "request-id", "x-request-id", "x-amzn-requestid", "x-should-retry"}
)
_TO_CLIENT_PREFIXES: Final = ("openai-", "anthropic-", "x-ratelimit-")
_OURS: Final = frozenset({"openai-organization", "openai-project", "anthropic-organization-id"})


def to_provider(headers: Mapping[str, str], call_id: str) -> dict[str, str]:
    """The client's headers that a provider may see, and the call's id.

    The answer is asked for uncompressed, so that it can be metered and passed on byte for byte. Raises
    BadRequest for a value that no header can hold.
    """
    passed = {name: value for name, value in headers.items() if name in _TO_PROVIDER}
    if odd := [name for name, value in passed.items() if not (value.isascii() and value.isprintable())]:
        raise BadRequest(f"The header {odd[0]} holds something other than printable ASCII.")
    return passed | {"accept-encoding": "identity", "x-client-request-id": call_id}


def to_client(headers: Mapping[str, str]) -> dict[str, str]:
    """The provider's headers that a client may see."""
    return {
        name: value
        for name, value in headers.items()
        if name in _TO_CLIENT or (name.startswith(_TO_CLIENT_PREFIXES) and name not in _OURS)
    }
