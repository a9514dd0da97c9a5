"""CloudFormation's intrinsic functions, as far as the local stack meets them in template.yaml."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

REGION: Final = "us-east-1"
ACCOUNT: Final = "000000000000"  # the emulator's
_PSEUDO: Final = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::StackName": "tollgate",
    "AWS::URLSuffix": "amazonaws.com",
}
_PLACEHOLDER: Final = re.compile(r"\$\{(!?)([^}]+)\}")
_NOTHING: Final = object()

Attribute = Callable[[str, str], str]  # (logical id, attribute; "" asks for the Ref) -> value


class Intrinsics:
    """Resolves values of a template, given parameter values and what a resource answers for an attribute."""

    def __init__(
        self, document: Mapping[str, Any], parameters: Mapping[str, str], attribute: Attribute
    ) -> None:
        declared = document.get("Parameters", {})
        defaults = {name: str(spec.get("Default", "")) for name, spec in declared.items()}
        self._values = {**_PSEUDO, **defaults, **parameters}
        self._conditions: Mapping[str, Any] = document.get("Conditions", {})
        self._mappings: Mapping[str, Any] = document.get("Mappings", {})
        self._attribute = attribute

    def resolve(self, value: Any) -> Any:
        """The value with every intrinsic replaced. Raises ValueError for a function not known here."""
        if isinstance(value, list):
            return [found for part in value if (found := self._resolve(part)) is not _NOTHING]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._function(name, argument)
        resolved = {name: self._resolve(part) for name, part in value.items()}
        return {name: part for name, part in resolved.items() if part is not _NOTHING}

    def condition(self, value: Any) -> bool:
        """Whether a condition holds: a name, or an expression over others."""
        if isinstance(value, str):
            return self.condition(self._conditions[value])
        ((name, argument),) = value.items()
        match name:
            case "Condition":
                return self.condition(argument)
            case "Fn::Equals":
                left, right = self.resolve(argument)
                return str(left) == str(right)
            case "Fn::Not":
                return not self.condition(argument[0])
            case "Fn::And":
                return all(self.condition(part) for part in argument)
            case "Fn::Or":
                return any(self.condition(part) for part in argument)
        raise ValueError(f"unknown condition function {name}")

    def _resolve(self, value: Any) -> Any:
        return _NOTHING if value == {"Ref": "AWS::NoValue"} else self.resolve(value)

    def _function(self, name: str, argument: Any) -> Any:
        match name:
            case "Ref":
                return self._named(argument)
            case "Fn::GetAtt":
                return self._attribute(*argument)
            case "Fn::Sub":
                return self._substituted(argument)
            case "Fn::If":
                condition, yes, no = argument
                return self._resolve(yes if self.condition(condition) else no)
            case "Fn::Join":
                separator, parts = self.resolve(argument)
                return separator.join(str(part) for part in parts)
            case "Fn::FindInMap":
                mapping, first, second = self.resolve(argument)
                return self._mappings[mapping][first][second]
        raise ValueError(f"template.yaml uses {name}, which the local stack does not know")

    def _named(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        resource, _, attribute = name.partition(".")
        return self._attribute(resource, attribute)

    def _substituted(self, argument: Any) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else argument
        values = self.resolve(own)

        def replace(found: re.Match[str]) -> str:
            literal, name = found.groups()
            if literal:
                return f"${{{name}}}"
            return str(values[name] if name in values else self._named(name))

        return _PLACEHOLDER.sub(replace, text)
