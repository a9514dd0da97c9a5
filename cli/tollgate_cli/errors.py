"""Every error of this package.

TollgateError
├── ApiError            the deployment refused, or could not be reached
├── Unusable            an argument that no call can carry; a ValueError, too
├── ArchiveUnread       the archive cannot be read, or the query makes no sense
└── ReconcileFailed     the housekeeping could not be started, or broke off
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class TollgateError(Exception):
    """Something that a person is told; `message` says what went wrong and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Unusable(TollgateError, ValueError):
    """An argument that no call can carry."""


class ArchiveUnread(TollgateError):
    """The archive cannot be read, or the query makes no sense."""


class ReconcileFailed(TollgateError):
    """The housekeeping could not be started, or broke off."""


class ApiError(TollgateError):
    """A call that did not succeed: HTTP status, LiteLLM's error type, and the parameter at fault.

    `status` is None when no answer came; then `type` is "unreachable".
    """

    def __init__(self, message: str, *, status: int | None, type: str, param: str | None = None) -> None:  # noqa: A002 - LiteLLM's name
        super().__init__(message)
        self.status = status
        self.type = type
        self.param = param


class _Fault(NamedTuple):
    message: str
    type: str = "unknown"
    param: str | None = None


def refusal(status: int, body: Any) -> ApiError:
    """What an answer with an error status says, in whichever of LiteLLM's envelopes it says it."""
    fault = _fault(body)
    message = fault.message or f"The answer was status {status}, without a reason"
    return ApiError(message, status=status, type=fault.type, param=fault.param)


def _fault(body: Any) -> _Fault:
    match body:
        case {"error": {"message": message, **rest}}:
            return _Fault(str(message), str(rest.get("type") or "unknown"), _text(rest.get("param")))
        case {"detail": {"error": message}}:
            return _Fault(str(message), "invalid_request_error")
        case {"detail": [{"msg": _}, *_] as faults}:
            return _Fault("; ".join(map(_told, faults)), "validation_error", _field(faults[0]))
        case {"detail": str(message), **rest}:  # RFC 9457
            return _Fault(message, str(rest.get("type") or "unknown"))
        case {"message": message}:  # API Gateway's own
            return _Fault(str(message))
    return _Fault("")


def _told(fault: Mapping[str, Any]) -> str:
    field, said = _field(fault), str(fault.get("msg", "")).removeprefix("Value error, ")
    return f"{field}: {said}" if field else said


def _field(fault: Mapping[str, Any]) -> str | None:
    place: Sequence[Any] = fault.get("loc") or ()
    return ".".join(map(str, place[1:])) or None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
