"""Which customer a call is for: LiteLLM's order of sources and coercions, and Claude Code's ids parsed.

Sources, first match wins: the key's own customer; headers x-litellm-customer-id, x-litellm-end-user-id, the
mapped headers, or else the named header; body `user`, `litellm_metadata.user`, `metadata.user_id`,
`safety_identifier`.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from tollgate.errors import BadRequest, CustomerRequired
from tollgate.money import loads
from tollgate.settings import CustomerSettings

MAX_LENGTH: Final = 256
_CLAUDE_CODE: Final = re.compile(
    r"user_(?P<device_id>[^_]+)_account_(?P<account_uuid>[^_]*)_session_(?P<session_id>[^_]+)"
)


class Identity(NamedTuple):
    """The customer of a call ("" when none is named) and the session it belongs to ("" when unknown)."""

    customer_id: str
    session_id: str = ""


def identify(
    headers: Mapping[str, str], body: Mapping[str, Any], settings: CustomerSettings, *, bound_to: str = ""
) -> Identity:
    """The identity of a call. Headers are looked up in lower case.

    Raises BadRequest for an id over 256 characters and CustomerRequired when the deployment demands one.
    """
    identity = _first(headers, body, settings)
    if bound_to:
        identity = identity._replace(customer_id=bound_to)
    if len(identity.customer_id) > MAX_LENGTH:
        length = len(identity.customer_id)
        raise BadRequest(
            f"The customer id has {length} characters; at most {MAX_LENGTH} are allowed.", param="user"
        )
    if settings.require_customer and not identity.customer_id:
        raise CustomerRequired(
            "This deployment needs to know the customer of every call: name it in the header "
            "x-litellm-customer-id or in the body as user or metadata.user_id.",
            param="user",
        )
    return identity


def _first(headers: Mapping[str, str], body: Mapping[str, Any], settings: CustomerSettings) -> Identity:
    session = headers.get("x-claude-code-session-id", "").strip()
    for value, is_claude in _sources(headers, body, settings):
        text = _coerce(value)
        if not text:
            continue
        parsed = _claude_code(text) if is_claude and settings.claude_code_customer == "parsed" else None
        return parsed or Identity(text, session)
    return Identity("", session)


def _sources(
    headers: Mapping[str, str], body: Mapping[str, Any], settings: CustomerSettings
) -> Iterator[tuple[Any, bool]]:
    names = settings.user_header_mappings or filter(None, (settings.user_header_name,))
    for name in ("x-litellm-customer-id", "x-litellm-end-user-id", *names):
        yield header_text(headers.get(name.lower(), "")), False
    yield body.get("user"), False
    yield _object(body.get("litellm_metadata")).get("user"), False
    yield _object(body.get("metadata")).get("user_id"), True
    yield body.get("safety_identifier"), False


def header_text(header: str) -> str:
    """A header's bytes as the UTF-8 that clients mean; ASGI hands them over as Latin-1."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _coerce(value: Any) -> str:
    """LiteLLM's coercion: numbers become text, text is trimmed, everything else is no id."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | Decimal) else ""


def _object(value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = loads(value)
        except msgspec.DecodeError:
            return {}
    return value if isinstance(value, Mapping) else {}


def _claude_code(text: str) -> Identity | None:
    """Both forms that Claude Code sends: account, or under an API key the device, is the customer."""
    old_form = _CLAUDE_CODE.fullmatch(text)
    fields = old_form.groupdict() if old_form else _object(text) if text.startswith("{") else {}
    customer = _coerce(fields.get("account_uuid")) or _coerce(fields.get("device_id"))
    return Identity(customer, _coerce(fields.get("session_id"))) if customer else None
