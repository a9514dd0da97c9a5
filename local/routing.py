"""Which function answers a request: API Gateway's choice among the template's routes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from local.parts import Route

_PARAMETER: Final = re.compile(r"\{(\w+)(\+?)\}")


@dataclass(frozen=True, slots=True)
class Match:
    """The route of a request, and the values of its path's parameters."""

    route: Route
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Resource:
    path: str
    pattern: re.Pattern[str]
    methods: Mapping[str, Route]


class Routes:
    """The API's routes. The most specific path wins, and then the method must be one of that path's."""

    def __init__(self, routes: Iterable[Route]) -> None:
        by_path: dict[str, dict[str, Route]] = {}
        for route in routes:
            by_path.setdefault(route.path, {})[route.method] = route
        resources = [_Resource(path, _pattern(path), methods) for path, methods in by_path.items()]
        self._resources = sorted(resources, key=lambda one: _vagueness(one.path))

    def match(self, method: str, path: str) -> Match | None:
        """The route of a method and an undecoded path, or None: API Gateway answers itself."""
        for resource in self._resources:
            if found := resource.pattern.fullmatch(path):
                route = resource.methods.get(method)
                parameters = {name: unquote(value) for name, value in found.groupdict().items()}
                return Match(route, parameters) if route else None
        return None


def _pattern(path: str) -> re.Pattern[str]:
    pattern, end = "", 0
    for found in _PARAMETER.finditer(path):
        name, greedy = found.groups()
        pattern += re.escape(path[end : found.start()]) + (
            f"(?P<{name}>.+)" if greedy else f"(?P<{name}>[^/]+)"
        )
        end = found.end()
    return re.compile(pattern + re.escape(path[end:]))


def _vagueness(path: str) -> tuple[int, int, int]:
    parameters = [greedy for _, greedy in _PARAMETER.findall(path)]
    return sum(map(bool, parameters)), len(parameters), -len(path)
