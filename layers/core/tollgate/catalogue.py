"""The models that can be asked for, as OpenAI's clients and Anthropic's list them.

https://platform.openai.com/docs/api-reference/models, https://docs.claude.com/en/api/models-list
"""

from datetime import UTC, datetime
from typing import Any, Final

from tollgate.errors import NotFound
from tollgate.models import Models
from tollgate.pricing import shipped_book

# The field is required; a gateway's models have no birthday, so it is LiteLLM's.
_SINCE: Final = 1677610602


def listing(models: Models, dialect: str) -> dict[str, Any]:
    """Every model, in one page."""
    names = models.names(shipped_book())
    data = [_shown(name, dialect) for name in names]
    if dialect == "anthropic":
        ends = {"first_id": names[0], "last_id": names[-1]} if names else {"first_id": None, "last_id": None}
        return {"data": data, "has_more": False, **ends}
    return {"object": "list", "data": data}


def entry(models: Models, name: str, dialect: str) -> dict[str, Any]:
    """One model, also when its name is not listed but fits a pattern and has a price. Raises NotFound."""
    if not models.serves(name, datetime.now(UTC)):
        raise NotFound(f"There is no model {name!r} here: `/v1/models` lists those there are.", param="model")
    return _shown(name, dialect)


def _shown(name: str, dialect: str) -> dict[str, Any]:
    if dialect == "anthropic":
        since = datetime.fromtimestamp(_SINCE, UTC).isoformat().replace("+00:00", "Z")
        return {"type": "model", "id": name, "display_name": name, "created_at": since}
    return {"id": name, "object": "model", "created": _SINCE, "owned_by": "tollgate"}
