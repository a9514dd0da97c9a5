"""`make reconcile`: the housekeeping of the running local stack at once, with the proof of its books.

`--json` prints the report as the function answers it, for programs.
"""

import json
import os
import sys
from contextlib import redirect_stdout
from typing import Any

from local import environment, ports, template
from local.errors import StackError
from local.home import Home
from local.invocation import LambdaFunction
from local.settings import ROOT, StackSettings, stack_settings


def main() -> int:
    """Reconcile and compare; 1 when there is drift, or nothing to reconcile."""
    try:
        report = reconcile(stack_settings())
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(report) if "--json" in sys.argv[1:] else told(report))
    return 1 if any(report["drift"].values()) else 0


def told(report: dict[str, Any]) -> str:
    """A report for people: what was done, then the drift of each day."""
    done = ", ".join(f"{count} {what}" for what, count in report.items() if what != "drift")
    days = [
        f"{day}: {count or 'no'} drift between ledger and counters" for day, count in report["drift"].items()
    ]
    return "\n".join([done, *days])


def reconcile(settings: StackSettings) -> dict[str, Any]:
    """Call the function in this process; its answer. Raises StackError when no stack runs."""
    if not ports.answers(settings.emulator_port):
        raise StackError(
            f"No Tollgate runs on port {settings.port}: `make run` starts one, PORT names another."
        )
    described = template.read(settings.emulator_url)
    os.environ.update(environment.gateway(settings, Home(settings.tollgate_home), described))
    sys.path.insert(0, str(ROOT / "functions"))
    functions = described.functions().values()
    function = next(one for one in functions if one.folder == "reconcile")
    with redirect_stdout(sys.stderr):  # its log and its metrics
        answer: dict[str, Any] = LambdaFunction(function).invoke({"compare": True})
    return answer


if __name__ == "__main__":
    sys.exit(main())
