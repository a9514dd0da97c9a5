"""Closing entries in somebody else's place: by estimate when their process died, or as a letter says."""

from tollgate.counting import Counting
from tollgate.metering import close_of, unanswered
from tollgate.models import Deployment, Models
from tollgate.providers import Provider
from tollgate.records import Entry, SpendEvent
from tollgate.served import deployment_of
from tollgate.settings import ReconcileSettings
from tollgate.storage.database import ConditionFailed
from tollgate.storage.ledger import LedgerTable, is_pending, parse
from tollgate.usage import estimate


class Closing:
    """Closes entries once, whoever else tries, and counts what is closed."""

    def __init__(
        self, ledger: LedgerTable, counting: Counting, models: Models, settings: ReconcileSettings
    ) -> None:
        self._ledger = ledger
        self._counting = counting
        self._models = models
        self._output = settings.estimated_output_tokens

    async def abandon(self, entry: Entry) -> SpendEvent | None:
        """Close the entry of a dead process by estimate: the event that is still to be counted, if any."""
        return await self.close(self.abandoned(entry))

    async def close(self, event: SpendEvent) -> SpendEvent | None:
        """The event to count: this one, or the one that closed the entry before, unless it is counted."""
        try:
            await self._ledger.close(event)
        except ConditionFailed as found:
            standing = parse(found.item)
            return standing if isinstance(standing, SpendEvent) and is_pending(found.item) else None
        return event

    async def counted(self, event: SpendEvent | None) -> bool:
        """Whether an event (None: one that was counted before) is counted now."""
        return event is None or not await self._counting.count([event])

    def abandoned(self, entry: Entry) -> SpendEvent:
        """The spend event of an entry whose process died: its prompt, and all it was allowed to generate."""
        how = estimate.unanswered(entry, self._output)
        return close_of(entry, unanswered("abandoned", "abandoned", how), self._deployment(entry))

    def _deployment(self, entry: Entry) -> Deployment:
        """What served an entry; what models.yaml no longer knows is unpriced, and loudly."""
        unknown = Deployment(entry.model_group, entry.model, entry.provider, Provider(base_url=""), None)
        return deployment_of(entry, self._models) or unknown
