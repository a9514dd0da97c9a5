"""Usage: by day, of customers and of everybody; every route reads, and needs the scope usage:read."""

from types import ModuleType
from typing import Any, Final

from tollgate import rest
from tollgate.scopes import USAGE
from usage import activity, insights, totals, wiring

app = wiring.app
ROUTES: Final[tuple[ModuleType, ...]] = (activity, totals, insights)  # each adds its own to the app
SCOPES: Final = rest.Scopes(USAGE)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return rest.serve(app, event, context, SCOPES)
