"""Write docs/cli.md from the commands themselves: `make cli`."""

from collections.abc import Iterator
from typing import Any, Final

import typer.main

from local.settings import ROOT
from tollgate_cli.app import app

PAGE: Final = ROOT / "docs" / "cli.md"
EVERYWHERE: Final = ("url", "key", "as_json", "help")
HEAD: Final = """# CLI

Written by `make cli` from the commands; do not edit it by hand.

`tollgate` speaks to any deployment. `.venv/bin/tollgate` is there after `make run`; elsewhere,
`pip install ./cli` in a checkout, or `pip install './cli[aws,sql]'` for `tollgate reconcile --function`
and `tollgate usage sql`.

| option | environment | what it is |
|---|---|---|
| `--url` | `TOLLGATE_URL` | the deployment's URL, with its stage; by default `http://127.0.0.1:4000` |
| `--key` | `TOLLGATE_KEY` | the key to call with; for a URL of this machine by default `sk-1234` |
| `--json` | | JSON on stdout instead of tables, as the API answers it, amounts with every digit |

They stand before the command or after it. Prefer `TOLLGATE_KEY` to `--key`: the arguments of a program can be
seen by other users of a machine. Answers go to stdout, everything else to stderr; a pipe gets neither colours
nor cut lines. Exit codes: 0 done, 1 refused (or rows failed, or books that do not balance), 2 a command line
that makes no sense.

Fields: `--set FIELD=VALUE` sets any field of the API, its value as JSON or text (`--set mode=observe`,
`--set 'metadata={"plan": "gold"}'`), and `--clear FIELD` takes a value away. 0 is a limit.

From Python:

```python
from tollgate_cli import ApiError, Tollgate

with Tollgate("http://127.0.0.1:4000", "sk-1234") as api:
    print(sum(customer["spend"] for customer in api.customers.list()))
    try:
        api.customers.info("nobody")
    except ApiError as error:
        print(error.status, error.type, error.param, error.message)
```
"""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page())


def page() -> str:
    """The page: every command with what it does, an example and its options."""
    return "\n".join([HEAD, *_commands(typer.main.get_command(app), "tollgate")])


def _commands(group: Any, path: str) -> Iterator[str]:
    for name, command in group.commands.items():
        whole = f"{path} {name}"
        if hasattr(command, "commands"):
            if command.invoke_without_command:
                yield _section(command, whole)
            yield from _commands(command, whole)
        else:
            yield _section(command, whole)


def _section(command: Any, path: str) -> str:
    example = command.epilog.removeprefix("Example: ")
    rows = [_row(one) for one in command.params if one.name not in EVERYWHERE]
    table = ["| option | what it is |", "|---|---|", *rows, ""] if rows else []
    return "\n".join([f"## {path}", "", command.help, "", "```bash", example, "```", "", *table])


def _row(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        dots = " …" if parameter.nargs == -1 else ""
        return f"| `{parameter.name.upper()}`{dots} | {parameter.help} |"
    flag = getattr(parameter, "is_flag", False)
    value = "" if flag else f" {parameter.metavar or parameter.name.upper()}"
    return f"| `{parameter.opts[0]}{value}` | {parameter.help} |"


if __name__ == "__main__":
    main()
