"""template.yaml as plain data: YAML with CloudFormation's short tags turned into their long forms."""

from pathlib import Path
from typing import Any, Final

import yaml

_BARE: Final = frozenset({"Ref", "Condition"})


# libyaml's parser is ten times faster, where PyYAML was built with it.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """`!Sub x` becomes {"Fn::Sub": "x"}, `!GetAtt A.B` becomes {"Fn::GetAtt": ["A", "B"]}."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value = _content(loader, node)
    if suffix in _BARE:
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


def _content(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)  # noqa: S101 - YAML has no fourth kind of node
    return loader.construct_mapping(node, deep=True)


_Loader.add_multi_constructor("!", _short_form)


def load(path: Path) -> dict[str, Any]:
    """The document. Raises OSError or yaml.YAMLError."""
    document = yaml.load(path.read_text(), _Loader)  # noqa: S506 - a SafeLoader with tags for plain data
    return dict(document)
