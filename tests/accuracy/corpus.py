"""The cases of `cases/*.yaml`: what a provider sends, and what it means and costs by its own pages.

A file is one endpoint of one provider. `shapes` are its answers as they come over the wire: a text is a whole
body, a list the events of a stream. A case fills the $names of a shape and says what the answer amounts to.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from string import Template
from typing import Any

import yaml

from tests.accuracy import calculator

CASES = Path(__file__).parent / "cases"
NOW = "2026-11-16T12:00:00+00:00"
_NAMED = 'data: {"type":"'  # Anthropic's and Responses' events also carry their type in a line of their own


@dataclass(frozen=True)
class Case:
    """One answer: as sent, and as it is to be booked; `classes` None when it reports no usage."""

    id: str
    provider: str
    endpoint: str
    model: str
    source: str
    moment: datetime
    shape: str
    wire: bytes
    is_stream: bool
    classes: dict[str, int] | None
    cost: Decimal
    mark: str
    deploy: str  # entries of models.yaml, as JSON
    request: dict[str, Any]
    direct: Mapping[str, str]

    @property
    def group(self) -> tuple[str, str]:
        """Where it stands in the report."""
        return self.provider, self.endpoint


def cases() -> list[Case]:
    """Every case of every file."""
    return [case for path in sorted(CASES.glob("*.yaml")) for case in _of_file(path)]


def _of_file(path: Path) -> Iterator[Case]:
    # A BaseLoader reads every number as the text it is: nothing here ever is a float.
    file = yaml.load(path.read_text(), yaml.BaseLoader)  # noqa: S506 - plainer than a SafeLoader
    for case in file["cases"]:
        for shape in _listed(case.get("as", "whole")):
            yield _case(path.stem, file, case, shape)


def _case(stem: str, file: dict[str, Any], case: dict[str, Any], shape: str) -> Case:
    sent = file["shapes"][shape]
    classes = {name: int(count) for name, count in case["classes"].items()} if "classes" in case else None
    names = {"named": case["model"], **file.get("fill", {}), **case}
    return Case(
        id=f"{stem}: {case['name']} ({shape})",
        provider=case.get("provider", file["provider"]),
        endpoint=file["endpoint"],
        model=case["model"],
        source=case.get("source", file["source"]),
        moment=datetime.fromisoformat(case.get("at", NOW)),
        shape=shape,
        wire=_wire(sent, names, file.get("line_end", "\n")),
        is_stream=isinstance(sent, list),
        classes=classes,
        cost=_cost(file, case, classes),
        mark=case.get("mark", ""),
        deploy=json.dumps(file.get("deploy", [])),
        request=case.get("request", {}),
        direct=file["direct"],
    )


def _cost(file: dict[str, Any], case: dict[str, Any], classes: dict[str, int] | None) -> Decimal:
    if "billed" in case:
        return Decimal(case["billed"])
    least = {name: int(count) for name, count in case.get("least", {}).items()}
    return calculator.cost(classes, file["prices"][case["price"]], least) if classes else Decimal(0)


def _wire(sent: str | list[str], names: dict[str, Any], line_end: str) -> bytes:
    if isinstance(sent, str):
        return Template(sent).substitute(names).encode()
    text = "".join(f"{_event(Template(event).substitute(names))}\n\n" for event in sent)
    return text.replace("\n", line_end).encode()


def _event(data: str) -> str:
    if data.startswith((":", "event:", "data:")):
        return data
    event = f"data: {data}"
    name = event.removeprefix(_NAMED).split('"')[0] if event.startswith(_NAMED) else ""
    return f"event: {name}\n{event}" if name else event


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
