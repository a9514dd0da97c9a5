"""What the seeded traffic calls: models with the tokens they are used for, keys, and tiers."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple

from tollgate.limits import Limits
from tollgate.pricing import Price, shipped_book


class Product(NamedTuple):
    """One way of using a model; tokens are a usual call's, `share` is how much of the traffic it is."""

    share: float
    provider: str
    model: str
    endpoint: str
    prompt: int
    completion: int
    cached: float  # the part of a later prompt that the provider has cached
    reasoning: float = 0.0  # the part of the completion that nobody sees


class KeyPlan(NamedTuple):
    """A virtual key of an application."""

    share: float
    alias: str


PRODUCTS: Final = (
    Product(30, "openai", "gpt-4o-mini", "/chat/completions", 900, 220, 0.35),
    Product(16, "openai", "gpt-4o", "/chat/completions", 1400, 350, 0.4),
    Product(14, "anthropic", "claude-sonnet-5-5", "/messages", 5200, 600, 0.8),
    Product(10, "anthropic", "claude-haiku-4-5", "/messages", 1800, 260, 0.6),
    Product(9, "openai", "gpt-5", "/responses", 2600, 900, 0.5, 0.6),
    Product(8, "openai", "gpt-5-mini", "/responses", 1500, 500, 0.45, 0.4),
    Product(8, "openai", "text-embedding-3-small", "/embeddings", 640, 0, 0),
    Product(3, "google", "gemini-2.5-flash", "/chat/completions", 2200, 400, 0.2),
    Product(2, "anthropic", "claude-opus-5-5", "/messages", 9000, 1100, 0.85),
)
KEYS: Final = (
    KeyPlan(45, "web app"),
    KeyPlan(25, "mobile app"),
    KeyPlan(15, "support desk"),
    KeyPlan(10, "nightly jobs"),
    KeyPlan(5, "internal tools"),
)
TIERS: Final = (
    (55, "seed-free", Limits(max_budget=Decimal(5), budget_duration="30d", rpm_limit=20)),
    (35, "seed-team", Limits(max_budget=Decimal(250), budget_duration="30d", rpm_limit=200)),
    (10, "seed-enterprise", Limits(max_budget=Decimal(20000), budget_duration="30d", rpm_limit=2000)),
)
PROVIDERS: Final = {"google": "gemini"}  # models.yaml has another name for it than the price book


def key_id(alias: str) -> str:
    """The id of a seeded key: no secret has it, because it is the hash of nothing."""
    return f"5eed{sha256(alias.encode()).hexdigest()[4:]}"


@lru_cache(maxsize=4096)
def price(product: Product, day: str) -> Price:
    """What a product costs on a day."""
    noon = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
    return shipped_book().price(product.provider, product.model, noon)
