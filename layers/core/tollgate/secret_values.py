"""Secrets by reference: a setting holds the value itself, or `secret:<id>[#field]` of Secrets Manager."""

import asyncio
from typing import Final

from tollgate import observability
from tollgate.errors import StoreUnavailable
from tollgate.money import loads
from tollgate.storage.aws import AwsClient, AwsError, AwsUnavailable

_PREFIX: Final = "secret:"


class Secrets:
    """Reveals references, each secret fetched once per process: a rotated one needs new processes."""

    def __init__(self, client: AwsClient) -> None:
        self._client = client
        self._fetched: dict[str, str] = {}
        self._one_at_a_time = asyncio.Lock()

    async def reveal(self, reference: str) -> str:
        """The value behind a reference. Raises StoreUnavailable, and logs which one, when there is none."""
        if not reference.startswith(_PREFIX):
            return reference.strip()  # a line's end often comes along with a key
        secret_id, _, field = reference.removeprefix(_PREFIX).partition("#")
        try:
            text = await self._text(secret_id)
            return (str(loads(text)[field]) if field else text).strip()
        except (AwsError, AwsUnavailable, LookupError, TypeError, ValueError) as error:
            # The error's own text may quote the secret.
            reason = getattr(error, "code", type(error).__name__)
            what = {"secret": secret_id, "field": field, "reason": reason}
            observability.logger.error("secret not revealed", extra=what)
            raise StoreUnavailable("A secret of this gateway could not be read; try again.") from None

    async def _text(self, secret_id: str) -> str:
        async with self._one_at_a_time:
            if secret_id not in self._fetched:
                answer = await self._client.call("GetSecretValue", {"SecretId": secret_id})
                self._fetched[secret_id] = answer["SecretString"]
        return self._fetched[secret_id]
