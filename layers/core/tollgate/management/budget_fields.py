"""Bodies of the routes that manage tiers."""

from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, Field

from tollgate.management.limit_fields import LimitFields

MOST: Final = 256  # characters of an id
BudgetId = Annotated[
    str,
    BeforeValidator(lambda text: text.strip() if isinstance(text, str) else text),
    Field(min_length=1, max_length=MOST),
]


class NewBudget(LimitFields):
    """A tier to be made; without an id it gets one."""

    budget_id: BudgetId | None = None


class BudgetUpdate(LimitFields):
    """What is to be changed of a tier: the fields that are sent."""

    budget_id: BudgetId


class BudgetIds(BaseModel):
    """Tiers by id."""

    budgets: Annotated[list[Annotated[str, Field(max_length=MOST)]], Field(max_length=1000)]


class OneBudget(BaseModel):
    """A tier by id."""

    id: BudgetId
