"""References (`$ref`) within an OpenAPI document."""

from collections.abc import Mapping
from typing import Any

Node = Mapping[str, Any]


def resolve(node: Node, document: Node) -> Node:
    """Return what the node's `$ref` leads to, or the node itself if it has none."""
    while "$ref" in node:
        node = follow(node["$ref"], document)
    return node


def follow(reference: str, document: Node) -> Node:
    """Return what a JSON pointer such as `#/components/schemas/File` points to. Raises KeyError."""
    target: Any = document
    for step in reference.removeprefix("#/").split("/"):
        target = target[step.replace("~1", "/").replace("~0", "~")]
    found: Node = target
    return found


def component_name(reference: str) -> str:
    """Return the name of the component that a `$ref` leads to."""
    return reference.rpartition("/")[2]
