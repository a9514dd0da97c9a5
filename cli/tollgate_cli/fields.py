"""The options that set fields of customers, tiers and keys, and the body they make."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final

import typer

from tollgate_cli.command import option
from tollgate_cli.exact import loads

_PANEL: Final = "Fields"


def money(text: str) -> Decimal:
    """An amount in USD, exactly as it is written. Raises typer.BadParameter."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise typer.BadParameter(f"{text!r} is not an amount in USD, such as 10 or 0.25")
    return amount


def _field(kind: Any, about: str, *names: str, **more: Any) -> Any:
    return Annotated[kind, typer.Option(*names, help=about, rich_help_panel=_PANEL, **more)]


def _amount(about: str) -> Any:
    return _field(Decimal | None, about, parser=money, metavar="USD")


ANY: Final = (
    option(
        "assign",
        _field(list[str] | None, "Any field, its value as JSON or text.", "--set", metavar="FIELD=VALUE"),
    ),
    option("clear", _field(list[str] | None, "A field that shall have no value.", metavar="FIELD")),
)
LIMITS: Final = (
    option("max_budget", _amount("At most so much in a budget duration.")),
    option("budget_duration", _field(str | None, "1h, 1d, 7d, 30d, 1mo …; without one, a lifetime.")),
    option("soft_budget", _amount("Shown when it is passed; refuses nothing.")),
    option("rpm_limit", _field(int | None, "Requests a minute.")),
    option("tpm_limit", _field(int | None, "Tokens a minute.")),
    option("max_parallel_requests", _field(int | None, "Requests at the same time.")),
)
_MODELS: Final = option(
    "models", _field(list[str] | None, "A model that may be called; repeat it.", "--model")
)
_BUDGET: Final = option("budget_id", _field(str | None, "The tier whose limits count."))
CUSTOMER: Final = (
    option("alias", _field(str | None, "A name to show.")),
    _BUDGET,
    *LIMITS,
    _MODELS,
    option("default_model", _field(str | None, "The model of calls that name none.")),
    *ANY,
)
BUDGET: Final = (*LIMITS, *ANY)
KEY: Final = (
    option("key_alias", _field(str | None, "A name to show; no two keys share one.", "--alias")),
    option("scopes", _field(list[str] | None, "proxy, admin, usage:read …; repeat it.", "--scope")),
    option("customer_id", _field(str | None, "The one customer it speaks for.", "--customer")),
    option("duration", _field(str | None, "How long it is good: 30d …; without one, for ever.")),
    option("end_user_budget_id", _field(str | None, "The tier of customers that call with it.")),
    _BUDGET,
    *LIMITS,
    _MODELS,
    *ANY,
)


def body(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a body: those given, then those of --set and --clear. Raises typer.BadParameter."""
    named = {name: value for name, value in given.items() if name not in ("assign", "clear")}
    sent = {name: value for name, value in named.items() if value not in (None, [])}
    sent |= dict(map(_assigned, given["assign"] or ()))
    return sent | dict.fromkeys(given["clear"] or ())


def _assigned(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not (name and sign):
        raise typer.BadParameter(f"{text!r} is not FIELD=VALUE", param_hint="--set")
    return name, _value(name, value)


def _value(name: str, text: str) -> Any:
    """What the text is as JSON, or the text itself: `strict` needs no quotes."""
    try:
        return loads(text)
    except ValueError:
        if text.startswith(("{", "[")):
            raise typer.BadParameter(f"the value of {name} is not JSON", param_hint="--set") from None
        return text
