"""Tollgate from Python: `Tollgate(url, key)` speaks to any deployment; the command `tollgate` is made of it."""

from tollgate_cli.client import Tollgate
from tollgate_cli.errors import ApiError, ReconcileFailed, TollgateError

__all__ = ["ApiError", "ReconcileFailed", "Tollgate", "TollgateError"]
