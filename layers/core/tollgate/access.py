"""Whether a customer and a key may make a call at all, whatever money and time they have left."""

from tollgate.admission.policy import Policy
from tollgate.errors import CustomerBlocked, CustomerModelDenied, KeyModelDenied
from tollgate.limits import fits


def check(policy: Policy, model: object) -> None:
    """Raise CustomerBlocked, CustomerModelDenied or KeyModelDenied; what is no model's name is told later."""
    if policy.profile.blocked:
        raise CustomerBlocked(f"Customer={policy.customer_id} is blocked.", param="user")
    if not isinstance(model, str):
        return
    allowed = policy.profile.models
    if not _among(model, allowed):
        raise CustomerModelDenied(
            f"Customer={policy.customer_id} may not use model={model}. Allowed models: {', '.join(allowed)}.",
            param="model",
        )
    key = policy.caller.key
    if key is not None and not _among(model, key.profile.models):
        models = ", ".join(key.profile.models)
        raise KeyModelDenied(f"This key may not use model={model}. Allowed models: {models}.", param="model")


def _among(model: str, allowed: tuple[str, ...]) -> bool:
    """Whether a model is one of some names and patterns; none at all allow any."""
    return not allowed or any(fits(model, pattern) for pattern in allowed)
