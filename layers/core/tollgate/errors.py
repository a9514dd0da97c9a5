"""Every error a caller can meet, each with its status and type; mapped to responses in one place, `body()`.

TollgateError
├── BadRequest 400
│   ├── InvalidBody                  not JSON, or not the object the endpoint takes
│   ├── UnknownModel                 no entry of models.yaml serves the model
│   ├── UnpricedModel                the model has no price, so its cost could not be known
│   ├── Told                         answered in the shape of LiteLLM's budget and query routes
│   ├── AlreadyThere                 what is to be made is there
│   └── CustomerRequired             the deployment refuses calls that name no customer
├── Unauthorized 401                 no key
│   ├── InvalidKey                   a key that is not known here
│   ├── ExpiredKey                   a key whose time is over, or a secret that was replaced
│   ├── BlockedKey                   a key that is blocked
│   └── NotAllowed                   a key without the scope that the route needs
├── NotPermitted 403
│   ├── CustomerBlocked              the customer is blocked
│   ├── CustomerModelDenied          the model is not among those that the customer may use
│   └── KeyModelDenied               the model is not among those that the key may use
├── BudgetExceeded 422               or the status that the deployment chose
├── RateLimited 429
├── NotFound 404
├── MethodNotAllowed 405
├── Conflict 409                     others keep changing what is to be changed
├── NotSpoken 400                    the model's providers do not speak this endpoint's format
├── BodyTooLarge 413
├── UnsupportedMediaType 415         a body that is not JSON, where JSON is taken
├── Unprocessable 422                a field's value cannot be used here
├── UpstreamUnreachable 502
│   ├── NotReached                   no connection: the provider has seen nothing and charges nothing
│   ├── HungUp                       the provider took the request and broke off
│   └── UpstreamTimeout 504
└── StoreUnavailable 503             ledger, limits or secrets cannot be reached, so the call is not made
"""

from typing import Any, ClassVar, Final


class TollgateError(Exception):
    """Something a caller is told, with the status, type and parameter of LiteLLM's error envelope."""

    status: int = 500
    type: ClassVar[str] = "internal_server_error"

    def __init__(self, message: str, *, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        # Set where the call has an id by then, so that a refused caller can name it.
        self.headers: dict[str, str] = {}
        self.details: dict[str, Any] = {}  # what else a caller is told in OpenAI's envelope


class BadRequest(TollgateError):
    """The request cannot be served as it is."""

    status = 400
    type = "invalid_request_error"


class InvalidBody(BadRequest):
    """The body is not JSON, or not the object the endpoint takes."""


class UnknownModel(BadRequest):
    """No entry of models.yaml serves the model."""


class UnpricedModel(BadRequest):
    """The model has no price, so its cost could not be known."""

    type = "model_cost_map_missing"


class Told(BadRequest):
    """A bad request of the routes that answer in FastAPI's shape: {"detail": {"error": message}}."""


class AlreadyThere(BadRequest):
    """What is to be made is there."""

    type = "bad_request"


class CustomerRequired(BadRequest):
    """The deployment refuses calls that name no customer."""


class Unauthorized(TollgateError):
    """The key is missing or wrong."""

    status = 401
    type = "auth_error"


class InvalidKey(Unauthorized):
    """The key has the right form and is not known here."""

    type = "token_not_found_in_db"


class ExpiredKey(Unauthorized):
    """The key's time is over, or it has another secret by now."""

    type = "expired_key"


class BlockedKey(Unauthorized):
    """The key is blocked."""


class NotAllowed(Unauthorized):
    """The key lacks the scope that the route needs; LiteLLM answers that with 401, too."""


class NotPermitted(TollgateError):
    """The call is understood, and not allowed."""

    status = 403
    type = "permission_denied"


class CustomerBlocked(NotPermitted):
    """The customer is blocked."""

    type = "customer_blocked"


class CustomerModelDenied(NotPermitted):
    """The model is not among those that the customer may use."""

    type = "customer_model_access_denied"


class KeyModelDenied(NotPermitted):
    """The model is not among those that the key may use."""

    type = "key_model_access_denied"


class BudgetExceeded(TollgateError):
    """The money left does not cover what the call may cost; the deployment chooses the status."""

    status = 422
    type = "budget_exceeded"


class RateLimited(TollgateError):
    """Too many requests or tokens in this minute, or calls at once."""

    status = 429
    type = "throttling_error"


class NotFound(TollgateError):
    """There is no such thing here."""

    status = 404
    type = "not_found"


class MethodNotAllowed(TollgateError):
    """The path is served, but not to this method."""

    status = 405
    type = "invalid_request_error"


class Conflict(TollgateError):
    """Others kept changing what was to be changed, so nothing was."""

    status = 409
    type = "conflict"


class NotSpoken(BadRequest):
    """The model's providers do not speak this endpoint's format."""


class BodyTooLarge(TollgateError):
    """The body is over the gateway's limit."""

    status = 413
    type = "invalid_request_error"


class UnsupportedMediaType(TollgateError):
    """The body is of a kind that the route does not take."""

    status = 415
    type = "invalid_request_error"


class Unprocessable(TollgateError):
    """A field's value has the right form and cannot be used here."""

    status = 422
    type = "invalid_request_error"


class UpstreamUnreachable(TollgateError):
    """The provider could not be reached, or hung up before it answered."""

    status = 502
    type = "upstream_unreachable"


class NotReached(UpstreamUnreachable):
    """No connection could be made: the provider has seen nothing and charges nothing."""


class HungUp(UpstreamUnreachable):
    """The provider took the request and broke off before its answer was whole."""


class UpstreamTimeout(UpstreamUnreachable):
    """The provider did not answer within the time allowed."""

    status = 504
    type = "upstream_timeout"


class StoreUnavailable(TollgateError):
    """The ledger cannot be written, or a secret not be read, so the call is not made."""

    status = 503
    type = "store_unavailable"


# Anthropic's names for statuses: https://docs.claude.com/en/api/errors
_ANTHROPIC: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    422: "invalid_request_error",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def anthropic(status: int, message: str) -> dict[str, Any]:
    """Anthropic's envelope."""
    kind = _ANTHROPIC.get(status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": message}}


def body(error: TollgateError, dialect: str = "openai") -> dict[str, Any]:
    """The envelope of the API spoken: OpenAI's, with LiteLLM's string `code`, or Anthropic's."""
    if dialect == "anthropic":
        return anthropic(error.status, error.message)
    return {
        "error": {
            "message": error.message,
            "type": error.type,
            "param": error.param,
            "code": str(error.status),
            **error.details,
        }
    }
