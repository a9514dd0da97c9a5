"""Tollgate from Python: `Tollgate(url, key)` speaks to any deployment; the CLI is made of it."""

from tollgate_cli.client import Tollgate
from tollgate_cli.errors import ApiError, ReconcileFailed, TollgateError, Unusable

__all__ = ["ApiError", "ReconcileFailed", "Tollgate", "TollgateError", "Unusable"]
