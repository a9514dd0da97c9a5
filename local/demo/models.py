"""GET /v1/models and /v1/models/{id}: a few names to choose from; every other name is served as well."""

from local.demo.endpoint import Json

OPENAI = ("gpt-4o", "gpt-4o-mini", "gpt-5", "gpt-5-mini", "o3", "o4-mini", "text-embedding-3-small")
ANTHROPIC = ("claude-opus-5-5", "claude-opus-4-8", "claude-sonnet-5-5", "claude-haiku-4-5")
CREATED = 1_750_000_000  # Unix seconds, and the same instant as a string
CREATED_AT = "2025-06-15T15:06:40Z"


def openai_models() -> Json:
    """List OpenAI's as it does."""
    return {"object": "list", "data": [openai_model(name) for name in OPENAI]}


def openai_model(name: str) -> Json:
    """Describe one of OpenAI's."""
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "demo"}


def anthropic_models() -> Json:
    """List Anthropic's as it does."""
    data = [anthropic_model(name) for name in ANTHROPIC]
    return {"data": data, "has_more": False, "first_id": ANTHROPIC[0], "last_id": ANTHROPIC[-1]}


def anthropic_model(name: str) -> Json:
    """Describe one of Anthropic's."""
    return {"type": "model", "id": name, "display_name": name, "created_at": CREATED_AT}
