"""GET /v1/models: a few names to choose from; every other name is served as well."""

from local.demo.endpoint import Json

OPENAI = ("gpt-4o", "gpt-4o-mini", "gpt-5", "gpt-5-mini", "o3", "o4-mini", "text-embedding-3-small")
ANTHROPIC = ("claude-opus-4-1", "claude-sonnet-4-5", "claude-haiku-4-5")
CREATED = 1_750_000_000  # Unix seconds, and the same instant as a string
CREATED_AT = "2025-06-15T15:06:40Z"


def openai_models() -> Json:
    """List OpenAI's as it does."""
    data = [{"id": name, "object": "model", "created": CREATED, "owned_by": "demo"} for name in OPENAI]
    return {"object": "list", "data": data}


def anthropic_models() -> Json:
    """List Anthropic's as it does."""
    data = [
        {"type": "model", "id": name, "display_name": name, "created_at": CREATED_AT} for name in ANTHROPIC
    ]
    return {"data": data, "has_more": False, "first_id": ANTHROPIC[0], "last_id": ANTHROPIC[-1]}
