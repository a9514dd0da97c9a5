"""Bodies of the routes that manage keys: LiteLLM's fields, with scopes and a customer to speak for."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from tollgate import scopes
from tollgate.customer import MAX_LENGTH
from tollgate.management.customer_fields import Flag, ModelNames, SmallObject, Text, TieredFields
from tollgate.management.expiry import UnknownDuration, after
from tollgate.management.limit_values import Instant

MOST_AT_ONCE: Final = 20  # keys in one transaction of 100 actions: key, two secrets, alias and record each
_MOST_SCOPES: Final = 100
_LONGEST_SCOPE: Final = len(scopes.USAGE) + 1 + MAX_LENGTH


def _scopes(texts: Iterable[str] | None) -> Iterable[str]:
    return (scopes.PROXY,) if texts is None else texts


def _scope(text: str) -> str:
    if not scopes.is_scope(text):
        known = "a scope is proxy, admin, usage:read or usage:read:<customer>. Received: {received}"
        raise PydanticCustomError("scope", known, {"received": text[:MAX_LENGTH]})
    return text


def _lasting(text: str | None) -> str | None:
    try:
        after(None, text or "")
    except UnknownDuration as error:
        raise PydanticCustomError("duration", "{reason}", {"reason": str(error)}) from None
    return text


Scope = Annotated[str, Field(max_length=_LONGEST_SCOPE), AfterValidator(_scope)]
Lasting = Annotated[str | None, AfterValidator(_lasting)]
KeyText = Annotated[str, Field(min_length=1, max_length=512)]  # a secret or a key's id
Trimmed = Annotated[Text, BeforeValidator(lambda text: text.strip() if isinstance(text, str) else text)]


class OneKey(BaseModel):
    """A key, by a secret of it or by its id."""

    key: KeyText


class KeyFields(TieredFields):
    """What can be set of a key. A body changes what it names; null clears.

    `duration` (30d, 12h, 1mo …) counts from now; without it and `expires` a key does not expire. Bound to a
    `customer_id`, a key speaks for that customer only. `end_user_budget_id` is the tier of its customers that
    have no limits of their own.
    """

    key_alias: Trimmed | None = None
    scopes: Annotated[
        Annotated[tuple[Scope, ...], Field(min_length=1, max_length=_MOST_SCOPES)], BeforeValidator(_scopes)
    ] = (scopes.PROXY,)
    customer_id: Trimmed | None = None
    models: ModelNames = ()
    duration: Lasting = None
    expires: Instant = None
    end_user_budget_id: Text | None = None
    blocked: Flag = False
    metadata: SmallObject = None

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.duration and self.expires:
            raise ValueError("Set either 'duration' or 'expires', not both.")
        return self

    def end(self, now: datetime) -> datetime | None:
        """When the key that the body describes expires."""
        return after(now, self.duration or "") or self.expires


class KeyUpdate(KeyFields, OneKey):
    """What is to be changed of a key: the fields that are sent."""


class KeyRegeneration(KeyUpdate):
    """A key that gets another secret; by default the one before has no `grace_period`."""

    grace_period: Lasting = None

    def grace(self, now: datetime) -> datetime:
        """The end of the secret before."""
        return after(now, self.grace_period or "") or now


class SomeKeys(BaseModel):
    """Keys by secret or id, or by alias, all of which are changed or none."""

    keys: Annotated[list[KeyText], Field(max_length=MOST_AT_ONCE)] | None = None
    key_aliases: Annotated[list[Trimmed], Field(max_length=MOST_AT_ONCE)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.keys) == bool(self.key_aliases):
            raise ValueError("Set either 'keys' or 'key_aliases', with at least one in it.")
        return self
