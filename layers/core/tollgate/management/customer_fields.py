"""Bodies of the routes that manage customers: LiteLLM's fields, with `metadata` and several windows."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from tollgate.customer import MAX_LENGTH
from tollgate.management.limit_fields import LimitFields
from tollgate.management.limit_values import ModelName, Money
from tollgate.money import dumps

MOST_AT_ONCE: Final = 50  # ids in one transaction of DynamoDB's 100 actions: each leaves an audit record
_MOST_MODELS: Final = 100
_MOST_BYTES: Final = 2048  # of an object: it is kept in one item with the wallet, which every call writes


def _small(value: dict[str, Any] | None) -> dict[str, Any] | None:
    size = len(dumps(value))
    if size > _MOST_BYTES:
        told = {"size": size, "most": _MOST_BYTES}
        raise PydanticCustomError(
            "too_large", "The object has {size} bytes as JSON; at most {most} are kept", told
        )
    return value


CustomerId = Annotated[
    str, BeforeValidator(lambda text: text.strip() if isinstance(text, str) else text), Field(min_length=1)
]
UserId = Annotated[CustomerId, Field(max_length=MAX_LENGTH)]
Text = Annotated[str, Field(max_length=MAX_LENGTH)]
SmallObject = Annotated[dict[str, Any] | None, AfterValidator(_small)]
Flag = Annotated[bool, BeforeValidator(lambda value: False if value is None else value)]
ModelNames = Annotated[
    Annotated[tuple[ModelName, ...], Field(max_length=_MOST_MODELS)],
    BeforeValidator(lambda value: () if value is None else value),
]


class OneCustomer(BaseModel):
    """A customer by id."""

    user_id: UserId


class SomeCustomers(BaseModel):
    """Customers by id, all of whom are changed or none."""

    user_ids: Annotated[list[UserId], Field(min_length=1, max_length=MOST_AT_ONCE)]

    @property
    def ids(self) -> list[str]:
        """Each once, in the order given."""
        return list(dict.fromkeys(self.user_ids))


class TieredFields(LimitFields):
    """Limits of one's own, or a link to a tier's."""

    budget_id: Text | None = None

    @model_validator(mode="after")
    def _one_budget(self) -> Self:
        if self.max_budget is not None and self.budget_id:
            raise ValueError("Set either 'max_budget' or 'budget_id', not both.")
        return self


class CustomerFields(TieredFields, OneCustomer):
    """What can be set of a customer. A body changes what it names; null clears.

    `spend` is the balance in USD to begin with, from now on.
    """

    alias: Text | None = None
    blocked: Flag = False
    allowed_model_region: Literal["eu", "us"] | None = None
    default_model: ModelName | None = None
    models: ModelNames = ()
    object_permission: SmallObject = None
    metadata: SmallObject = None
    spend: Money = None
