"""Write docs/openapi.json and docs/api.md from the functions' own routes: `make api`."""

import json
import sys
from pathlib import Path
from typing import Any, Final

from local.settings import ROOT

DOCS: Final = ROOT / "docs"
HEAD: Final = """# API

Written by `make api` from the functions' routes; do not edit it by hand. [openapi.json](openapi.json) holds
the same, with parameters. Bodies and answers of the providers' endpoints are the providers' own:
[OpenAI](https://platform.openai.com/docs/api-reference), [Anthropic](https://docs.claude.com/en/api/messages).
Errors come in the envelope of the API spoken: `{"error": {"message", "type", "param", "code"}}`, or
Anthropic's on its paths. Any prefix before a path, such as a stage's name, is ignored.

Every path but `/health` needs a key: `Authorization: Bearer`, `x-api-key`, `api-key` or `x-litellm-api-key`.

| method | path | what it is |
|---|---|---|
"""


def main() -> None:
    """Write both files."""
    write(document(), DOCS)


def document() -> dict[str, Any]:
    """The OpenAPI document of all functions together."""
    sys.path.insert(0, str(ROOT / "functions"))
    from audit.handler import app as audit  # noqa: PLC0415 - functions/ is on the path only now
    from budgets.handler import app as budgets  # noqa: PLC0415
    from customers.handler import app as customers  # noqa: PLC0415
    from keys.handler import app as keys  # noqa: PLC0415
    from proxy.api import api  # noqa: PLC0415
    from spend_logs.handler import app as spend_logs  # noqa: PLC0415
    from usage.handler import app as usage  # noqa: PLC0415

    parts = [api.openapi()]
    rest = (audit, budgets, customers, keys, spend_logs, usage)
    parts += [json.loads(app.get_openapi_json_schema(title="Tollgate")) for app in rest]
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for part in parts:
        paths |= part["paths"]
        schemas |= part.get("components", {}).get("schemas", {})
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tollgate", "version": "0.1.0"},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def write(found: dict[str, Any], folder: Path) -> None:
    """The document as JSON, and its routes as a table."""
    (folder / "openapi.json").write_text(json.dumps(found, indent=1) + "\n")
    rows = [
        f"| {method.upper()} | `{path}` | {about(operation)} |"
        for path, operations in found["paths"].items()
        for method, operation in operations.items()
    ]
    (folder / "api.md").write_text(HEAD + "\n".join(rows) + "\n")


def about(operation: dict[str, Any]) -> str:
    """The first sentence about an operation."""
    text = operation.get("description") or operation.get("summary") or ""
    return str(text).strip().splitlines()[0] if text else ""


if __name__ == "__main__":
    main()
