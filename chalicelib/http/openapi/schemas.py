"""JSON Schemas of the types that operations declare, and the components that they refer to."""

from inspect import cleandoc
from typing import Any

import msgspec

from chalicelib.core.described_enum import DescribedEnum
from chalicelib.http.declarations import BinaryContent

_MEANINGS = "x-enumDescriptions"
"""The meanings of an enumeration's values, under the name that several renderers show."""


class Schemas:
    """The schemas of a document."""

    def __init__(self) -> None:
        self.components: dict[str, dict[str, Any]] = {}
        """By the name of the class."""
        self._schemas: dict[Any, dict[str, Any]] = {}

    def of(self, annotation: Any) -> dict[str, Any]:
        """Return the type's schema, which refers to components where the type is a class."""
        if annotation not in self._schemas:
            self._schemas[annotation] = self._build(annotation)
        return dict(self._schemas[annotation])

    def _build(self, annotation: Any) -> dict[str, Any]:
        (schema,), components = msgspec.json.schema_components(
            [annotation], schema_hook=_schema_of_class, ref_template="#/components/schemas/{name}"
        )
        for name in components.keys() - self.components.keys():
            self.components[name] = _complete(name, components[name])
        return schema


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
