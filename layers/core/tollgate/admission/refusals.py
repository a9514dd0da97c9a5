"""What a caller is told whose call a limit does not admit (reference 2.9), with the figures behind it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from tollgate import errors, observability, tracking
from tollgate.admission.policy import Grant
from tollgate.admission.rules import Rule
from tollgate.money import plain
from tollgate.storage.wallets import Wallet, less

_RATE_TYPES: Final = {"requests": "requests", "tokens": "tokens", "parallel": "max_parallel_requests"}
_NAMES: Final = {"end_user": "End User", "key": "Key"}
_METRICS: Final = {"budget": "BudgetRefusals"}
_SOON: Final = 1  # second: when a call in flight ends nobody knows


def refusal(grant: Grant, rule: Rule, wallet: Wallet, zone: str, status: int) -> errors.TollgateError:
    """The error of a call that breaks a rule; `status` is what the deployment answers for money."""
    observability.count(_METRICS.get(rule.what, "RateRefusals"))
    if rule.what == "budget":
        return _over_budget(grant, rule, wallet, zone, status)
    return _too_fast(grant, rule, wallet)


def name_of(rule: Rule) -> str:
    """What limits, in the API's words: max_budget of 1d."""
    field = {
        "budget": "max_budget",
        "requests": "rpm_limit",
        "tokens": "tpm_limit",
        "parallel": "max_parallel_requests",
    }[rule.what]
    kind = rule.window.kind if rule.window and not rule.window.is_lifetime else ""
    return " of ".join(filter(None, (field, kind.partition("^")[0], rule.pattern)))


def held_in(rule: Rule, wallet: Wallet, zone: str) -> Decimal:
    """How much of what is used in a rule's window is only held."""
    found = tracking.returned_by(wallet.holds, [rule.sum.kind] if rule.sum else [], zone)
    return Decimal(found.get(rule.sum, 0)) if rule.sum else Decimal(0)


def _over_budget(grant: Grant, rule: Rule, wallet: Wallet, zone: str, status: int) -> errors.BudgetExceeded:
    held = held_in(rule, wallet, zone)
    spent = Decimal(less(rule.used(wallet), held))
    what = f" for model={rule.pattern}" if rule.pattern else ""
    message = (
        f"ExceededBudget: {_NAMES[grant.scope]}={grant.account.id} over budget{what}. "
        f"Spend={plain(spent)}, Budget={plain(Decimal(rule.limit))}, Held={plain(held)}, "
        f"Estimate={plain(Decimal(rule.need))}"
    )
    error = errors.BudgetExceeded(message)
    error.status = status
    error.headers = {"x-should-retry": "false"}  # no SDK's waiting brings money
    window = rule.window
    ends = None if window is None or window.is_lifetime else _text(window.end)
    error.details = _details(grant, rule, spent) | {"held": held, "estimate": rule.need, "resets_at": ends}
    return error


def _too_fast(grant: Grant, rule: Rule, wallet: Wallet) -> errors.RateLimited:
    now = datetime.now(UTC)
    ends = now if rule.sum is None else tracking.end_of_minute(rule.sum.start)
    seconds = _SOON if rule.sum is None else max(-((now - ends) // timedelta(seconds=1)), 0)
    kind, reset = _RATE_TYPES[rule.what], f"{ends:%Y-%m-%d %H:%M:%S} UTC"
    remaining = max(0, int(less(rule.limit, rule.used(wallet))))
    until = "" if rule.what == "parallel" else f". Limit resets at: {reset}"
    error = errors.RateLimited(
        f"Rate limit exceeded for {grant.scope}: {grant.account.id}. Limit type: {kind}. "
        f"Current limit: {rule.limit}, Remaining: {remaining}{until}"
    )
    error.headers = {"rate_limit_type": kind} | ({} if rule.sum is None else {"reset_at": reset})
    never = {"x-should-retry": "false"}  # the limit is 0, or lower than what this call needs alone
    error.headers |= never if rule.most < 0 else {"retry-after": str(seconds)}
    error.details = _details(grant, rule, rule.used(wallet))
    error.details["resets_at"] = None if rule.what == "parallel" else _text(ends)
    return error


def _details(grant: Grant, rule: Rule, spent: Decimal | int) -> dict[str, Any]:
    return {
        "limit_source": grant.source,
        "scope": grant.scope,
        "limit_type": name_of(rule),
        "limit": rule.limit,
        "spent": spent,
    }


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
