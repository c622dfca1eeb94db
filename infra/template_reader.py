"""Reading infra/templates without CloudFormation."""

from functools import cache
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as SafeLoader  # libyaml's, which takes a tenth of the time
except ImportError:  # a PyYAML that was built without it
    from yaml import SafeLoader  # type: ignore[assignment]  # another class

from infra.stacks import TEMPLATES


@cache
def read(name: str) -> dict[str, Any]:
    """Return a template. A short form such as !Ref is replaced by its argument.

    Later calls return the same dictionary, which must not be changed: the doctor reads each one a dozen times.
    """
    parsed: dict[str, Any] = yaml.load((TEMPLATES / f"{name}.yaml").read_text(), _Loader)  # noqa: S506  # nosec B506  # a SafeLoader
    return parsed


class _Loader(SafeLoader):
    """A loader that accepts CloudFormation's tags."""


def _construct_argument(loader: SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node)


_Loader.add_multi_constructor("!", _construct_argument)
