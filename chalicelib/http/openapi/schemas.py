"""JSON Schemas of the types that operations declare, and the components that they refer to."""

from collections.abc import Iterable
from inspect import cleandoc
from typing import Any

import msgspec

from chalicelib.core.described_enum import DescribedEnum
from chalicelib.http.declarations import BinaryContent

_MEANINGS = "x-enumDescriptions"
"""The meanings of an enumeration's values, under the name that several renderers show."""


class Schemas:
    """The schemas of a document."""

    def __init__(self, types: Iterable[Any]) -> None:
        """`types` are all that the document describes: msgspec reads a class once for all that refer to it."""
        annotations = list(dict.fromkeys(types))
        schemas, components = msgspec.json.schema_components(
            annotations, schema_hook=_schema_of_class, ref_template="#/components/schemas/{name}"
        )
        self._schemas = dict(zip(annotations, schemas, strict=True))
        self.components = {name: _complete(name, components[name]) for name in sorted(components)}
        """By the name of the class."""

    def of(self, annotation: Any) -> dict[str, Any]:
        """Return the type's schema, which refers to components where the type is a class."""
        return dict(self._schemas[annotation])


def _schema_of_class(cls: type) -> dict[str, Any]:
    """Return the schema of a class that JSON doesn't have. msgspec calls this."""
    if cls is BinaryContent:
        return {"contentMediaType": "application/octet-stream"}  # no type: the bytes of a file are no JSON string
    raise NotImplementedError(f"{cls} has no schema")


def _complete(name: str, component: dict[str, Any]) -> dict[str, Any]:
    """Return a component with its description unindented, and with the meanings of an enumeration's values."""
    for described in DescribedEnum.__subclasses__():
        if described.__name__ == name:
            component["enum"] = [member.value for member in described]
            component[_MEANINGS] = {member.value: member.meaning for member in described}
    if "enum" in component:
        component["type"] = "string"
    for schema in (component, *component.get("properties", {}).values()):
        if "description" in schema:
            schema["description"] = cleandoc(schema["description"])
        if _MEANINGS in schema:
            schema["description"] = "\n".join(
                [schema.get("description", ""), "", *(f"- `{k}`: {v}" for k, v in schema[_MEANINGS].items())]
            ).strip()
    return component
