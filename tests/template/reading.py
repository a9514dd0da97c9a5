"""Which environment variables a function reads, found in its source: by its imports and what they ask for."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from pydantic_settings import BaseSettings

from local.settings import ROOT
from tollgate import settings

LAYER = ROOT / "layers" / "core"
FUNCTIONS = ROOT / "functions"
# Lambda sets these itself, and does not let a template set them.
LAMBDAS_OWN = {"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}


def variables_read_by(folder: str) -> set[str]:
    """The variables of every settings field that a function, or anything it imports, may look at."""
    found: set[str] = set()
    for path in reached(FUNCTIONS / folder / "handler.py"):
        tree = parsed(path)
        for name in _accessors(tree):
            fields = fields_of(name)
            found |= {field.upper() for field in (_asked(tree, name) or fields) & fields}
    return found - LAMBDAS_OWN


def fields_of(accessor: str) -> set[str]:
    """The fields of the settings that an accessor of tollgate.settings answers with."""
    made = getattr(settings, accessor).__wrapped__
    assert issubclass(made, BaseSettings)
    return set(made.model_fields)


def reached(start: Path) -> set[Path]:
    """A module and everything of ours that it imports, however indirectly."""
    found, waiting = set(), [start]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imports(path)
    return found


@lru_cache(maxsize=256)
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _imports(path: Path) -> Iterator[Path]:
    for node in ast.walk(parsed(path)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            for root in (LAYER, FUNCTIONS):
                module = root.joinpath(*name.split(".")).with_suffix(".py")
                if module.exists():
                    yield module


def _accessors(tree: ast.Module) -> set[str]:
    """The accessors that a module calls."""
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    names = {each.id for each in called if isinstance(each, ast.Name)}
    return {name for name in names if name.endswith("_settings") and hasattr(settings, name)}


def _asked(tree: ast.Module, accessor: str) -> set[str]:
    """The fields a module asks for, when it asks for nothing else: `proxy_settings().models_file`."""
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == accessor]
    asked = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.value in calls]
    return {node.attr for node in asked} if len(asked) == len(calls) else set()
