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
        self._schemas = dict(zip(annotations, map(_add_type, schemas), strict=True))
        self.components = {name: _complete(name, components[name]) for name in sorted(components)}
        """By the name of the class."""

    def of(self, annotation: Any) -> dict[str, Any]:
        """Return the type's schema, which refers to components where the type is a class."""
        return dict(self._schemas[annotation])


def _schema_of_class(cls: type) -> dict[str, Any]:
    """Return the schema of a class that JSON doesn't have. msgspec calls this."""
    if cls is BinaryContent:  # OpenAPI 3.1 has `contentMediaType`, too, but few programs take that for a file
        return {"type": "string", "format": "binary"}
    raise NotImplementedError(f"{cls} has no schema")


def _complete(name: str, component: dict[str, Any]) -> dict[str, Any]:
    """Return a component with its descriptions unindented, and with the meanings of an enumeration's values."""
    for described in DescribedEnum.__subclasses__():
        if described.__name__ == name:
            component["enum"] = [member.value for member in described]
            component[_MEANINGS] = {member.value: member.meaning for member in described}
    if "description" in component:
        component["description"] = cleandoc(component["description"])
    for schema in (component, *component.get("properties", {}).values()):
        _add_type(schema)
        if _MEANINGS in schema:
            schema["description"] = "\n".join(
                [schema.get("description", ""), "", *(f"- `{k}`: {v}" for k, v in schema[_MEANINGS].items())]
            ).strip()
    return component


def _add_type(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with the type of its values, which msgspec leaves out and generators of clients need."""
    if "enum" in schema:
        schema["type"] = "string"
    return schema
