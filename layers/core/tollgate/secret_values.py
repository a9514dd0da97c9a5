"""Secrets by reference: a setting holds the value itself, or `secret:<id>[#field]` of Secrets Manager."""

from typing import Final

from tollgate.money import loads
from tollgate.storage.aws import AwsClient

_PREFIX: Final = "secret:"


class Secrets:
    """Reveals references, each secret fetched once per process: a rotated one needs new processes."""

    def __init__(self, client: AwsClient) -> None:
        self._client = client
        self._fetched: dict[str, str] = {}

    async def reveal(self, reference: str) -> str:
        """The value behind a reference. Raises AwsError, AwsUnavailable, or KeyError for a missing field."""
        if not reference.startswith(_PREFIX):
            return reference
        secret_id, _, field = reference.removeprefix(_PREFIX).partition("#")
        if secret_id not in self._fetched:
            answer = await self._client.call("GetSecretValue", {"SecretId": secret_id})
            self._fetched[secret_id] = answer["SecretString"]
        text = self._fetched[secret_id]
        return str(loads(text)[field]) if field else text
