"""What a key may do: call models, manage, or read usage, of everybody or of one customer."""

from typing import Final

PROXY: Final = "proxy"
ADMIN: Final = "admin"
USAGE: Final = "usage:read"
ANY: Final = ""  # of a route: any key may call it
_ONE: Final = f"{USAGE}:"


def allows(scopes: frozenset[str], needed: str) -> bool:
    """Whether some scopes include another: admin includes all, one customer's usage is usage."""
    if needed == ANY or ADMIN in scopes or needed in scopes:
        return True
    return needed == USAGE and any(scope.startswith(_ONE) for scope in scopes)


def readable(scopes: frozenset[str]) -> frozenset[str] | None:
    """The customers whose usage may be read; None for everybody's."""
    if ADMIN in scopes or USAGE in scopes:
        return None
    return frozenset(scope.removeprefix(_ONE) for scope in scopes if scope.startswith(_ONE))


def is_scope(text: str) -> bool:
    """Whether a text is a scope: proxy, admin, usage:read, or usage:read:<customer>."""
    return text in (PROXY, ADMIN, USAGE) or (text.startswith(_ONE) and len(text) > len(_ONE))
