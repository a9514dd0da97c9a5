"""What the fields of a body make of a customer's or a key's profile, its link to a tier among it."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec

from tollgate.errors import Unprocessable
from tollgate.limits import Limits
from tollgate.management.customer_fields import CustomerFields, TieredFields
from tollgate.storage.customers import Profile, size_of
from tollgate.storage.keys import KeyProfile

P = TypeVar("P", Profile, KeyProfile)
_PLAIN: Final = (
    "alias",
    "blocked",
    "allowed_model_region",
    "default_model",
    "models",
    "object_permission",
    "metadata",
)
# The item is read and written by every call of the customer; and what changes 50 at once must fit 4 MB.
_MOST_BYTES: Final = 16_384


def changed(profile: Profile, fields: CustomerFields, tier: Limits | None) -> Profile:
    """A profile with what a body names changed; `tier` is of the one it will be on. Raises Unprocessable."""
    found = replaced(profile, fields, tier, _PLAIN)
    check_size("customer", size_of(found))
    return found


def replaced(profile: P, fields: TieredFields, tier: Limits | None, plain: Sequence[str]) -> P:
    """A profile with limits, tier and the plain fields of these names as a body has them.

    A customer or key has limits of its own or a tier's, never both: setting a limit copies the tier's,
    changes the copy and leaves the tier, so that nobody else on it is touched; naming a tier drops what it
    had itself.
    """
    named = {name: getattr(fields, name) for name in plain if name in fields.model_fields_set}
    return msgspec.structs.replace(profile, **named, **_budget(profile, fields, tier))


def check_size(whose: str, size: int) -> None:
    """Raise Unprocessable for a profile of too many bytes."""
    if size > _MOST_BYTES:
        raise Unprocessable(
            f"What is set of the {whose} has {size} bytes, over {_MOST_BYTES}: name fewer models."
        )


def tier_named(profile: Profile | KeyProfile, fields: TieredFields) -> str:
    """The tier that a customer or key will be on, "" for none."""
    named = "budget_id" in fields.model_fields_set
    return (fields.budget_id if named else profile.budget_id) or ""


def _budget(profile: Profile | KeyProfile, fields: TieredFields, tier: Limits | None) -> dict[str, Any]:
    budget_id = tier_named(profile, fields) or None
    joins = budget_id is not None and "budget_id" in fields.model_fields_set
    if fields.sets_any or (fields.named and not joins):
        base = profile.limits if budget_id is None else tier
        return {"budget_id": None, "limits": fields.changed(base)}
    return {"budget_id": budget_id, "limits": None if budget_id else profile.limits}
