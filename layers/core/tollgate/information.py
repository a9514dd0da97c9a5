"""What the proxy can say without a provider: its models, and what calls cost."""

from collections.abc import Mapping
from typing import Any

from tollgate import catalogue, costs
from tollgate.call import json_object
from tollgate.keys import Keys
from tollgate.models import Models


class Information:
    """Answers whoever may call models. Every method raises Unauthorized, RateLimited, StoreUnavailable."""

    def __init__(self, keys: Keys, models: Models) -> None:
        self._keys = keys
        self._models = models

    async def list_models(
        self, headers: Mapping[str, str], dialect: str = "openai", *, source: str = ""
    ) -> dict[str, Any]:
        """The models that can be asked for."""
        await self._keys.for_proxy(headers, source)
        return catalogue.listing(self._models, dialect)

    async def model(
        self, headers: Mapping[str, str], name: str, dialect: str = "openai", *, source: str = ""
    ) -> dict[str, Any]:
        """One model that can be asked for. Raises NotFound."""
        await self._keys.for_proxy(headers, source)
        return catalogue.entry(self._models, name, dialect)

    async def spend_calculate(
        self, headers: Mapping[str, str], raw: bytes, *, source: str = ""
    ) -> dict[str, Any]:
        """What a call costs, by its messages or its answer. Raises BadRequest."""
        await self._keys.for_proxy(headers, source)
        return costs.calculate(self._models, json_object(raw))

    async def cost_estimate(
        self, headers: Mapping[str, str], raw: bytes, *, source: str = ""
    ) -> dict[str, Any]:
        """What so many calls of so many tokens cost. Raises BadRequest."""
        await self._keys.for_proxy(headers, source)
        return costs.estimate(self._models, json_object(raw))
