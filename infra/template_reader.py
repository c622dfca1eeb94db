"""Reading infra/templates, without CloudFormation."""

from typing import Any

import yaml

from infra.stacks import TEMPLATES


def read(name: str) -> dict[str, Any]:
    """Return a template; of a short form, such as !Ref, what stands behind it."""
    parsed: dict[str, Any] = yaml.load((TEMPLATES / f"{name}.yaml").read_text(), _Loader)  # noqa: S506  # a SafeLoader
    return parsed


class _Loader(yaml.SafeLoader):
    """Takes CloudFormation's tags."""


def _behind_a_tag(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node)


_Loader.add_multi_constructor("!", _behind_a_tag)
