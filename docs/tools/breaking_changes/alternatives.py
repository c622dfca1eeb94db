"""The alternatives of a schema: what it allows, as a list of schemas that have one type each.

JSON Schema says the same in several ways: `{"type": ["string", "null"]}` is
`{"anyOf": [{"type": "string"}, {"type": "null"}]}`. As alternatives they are equal, and so are a schema and a
reference to it. https://json-schema.org/draft/2020-12/json-schema-core
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docs.tools.references import component_name, follow, resolve

Schema = Mapping[str, Any]

ANY = "any type"


@dataclass(frozen=True, slots=True)
class Alternative:
    """A schema with one type, or with any."""

    schema: Schema
    component: str | None
    """The name under which the description has it."""

    @property
    def type(self) -> str:
        return str(self.schema.get("type", ANY))


def alternatives(
    schema: Schema | bool, document: Mapping[str, Any], component: str | None = None
) -> list[Alternative]:
    """Return the alternatives of a schema, in its order."""
    if isinstance(schema, bool):
        return [Alternative({}, component)] if schema else []
    return list(_expand(schema, document, component))


def _expand(schema: Schema, document: Mapping[str, Any], component: str | None) -> Iterator[Alternative]:
    if "$ref" in schema:
        siblings = {keyword: value for keyword, value in schema.items() if keyword != "$ref"}
        target = follow(schema["$ref"], document)
        yield from _expand(_merge(target, siblings), document, component_name(schema["$ref"]))
        return
    if "allOf" in schema:
        yield from _expand_all_of(schema, document, component)
        return
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            siblings = {name: value for name, value in schema.items() if name != keyword}
            for branch in schema[keyword]:
                yield from _expand(_merge(branch, siblings), document, component)
            return
    for type_name in _types(schema):
        yield Alternative(_of_type(schema, type_name), component)


def _expand_all_of(schema: Schema, document: Mapping[str, Any], component: str | None) -> Iterator[Alternative]:
    """One of several members keeps its name only if it is the only one."""
    members = schema["allOf"]
    merged: Schema = {keyword: value for keyword, value in schema.items() if keyword != "allOf"}
    if len(members) == 1:
        yield from _expand(_merge(members[0], merged), document, component)
        return
    for member in members:
        merged = _merge(merged, resolve(member, document))
    yield from _expand(merged, document, component)


def _merge(first: Schema, second: Schema) -> Schema:
    """Return a schema with the keywords of both. The second one's win, except that fields are united."""
    merged = {**first, **second}
    if "properties" in first and "properties" in second:
        merged["properties"] = {**first["properties"], **second["properties"]}
        for name in first["properties"].keys() & second["properties"].keys():
            merged["properties"][name] = {"allOf": [first["properties"][name], second["properties"][name]]}
    if "required" in first and "required" in second:
        merged["required"] = [*first["required"], *second["required"]]
    return merged


def _types(schema: Schema) -> list[str | None]:
    if "type" in schema:
        declared = schema["type"]
        return [declared] if isinstance(declared, str) else list(declared)
    values = allowed_values(schema)
    if values is None:
        return [None]
    return list(dict.fromkeys(_type_of(value) for value in values))


def _of_type(schema: Schema, type_name: str | None) -> Schema:
    if type_name is None:
        return schema
    of_type = {**schema, "type": type_name}
    values = allowed_values(schema)
    if values is not None:
        of_type.pop("const", None)
        of_type.pop("enum", None)
    if values is not None and type_name != "null":
        of_type["enum"] = [value for value in values if _is_a(_type_of(value), type_name)]
    return of_type


def allowed_values(schema: Schema) -> list[Any] | None:
    """Return the only values that the schema allows, or None if it doesn't list them."""
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def _is_a(type_name: str, other: str) -> bool:
    return type_name == other or (type_name, other) == ("integer", "number")


def _type_of(value: object) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")
