"""Which deployment served an entry, as models.yaml now has it."""

from tollgate.endpoints.table import CHAT, endpoint_at
from tollgate.errors import TollgateError
from tollgate.models import Deployment, Models, Wish
from tollgate.records import Entry


def deployment_of(entry: Entry, models: Models) -> Deployment | None:
    """The deployment, priced as at the entry's beginning; None when models.yaml no longer knows it."""
    endpoint = endpoint_at(entry.endpoint) or CHAT
    wish = Wish(entry.model_group, endpoint, entry.started_at, allow_unpriced=True)
    served_by = (entry.provider, entry.model)
    try:
        return next(d for d in models.deployments(wish) if (d.provider_name, d.model) == served_by)
    except (TollgateError, StopIteration):
        return None
