"""The sections of resources: the schemas of the bodies of responses."""

import json
from collections.abc import Iterator
from typing import Any

from docs.tools.api_page.errors import ERROR, is_error, members_of
from docs.tools.api_page.operations import operations_of
from docs.tools.api_page.schemas import field_table, first_paragraph, link_to_section, section_title
from docs.tools.references import Node, component_name, resolve

WITHOUT_EXAMPLE = {"OpenApiDocument"}
"""openapi.json is one."""


def resource_names(document: Node) -> list[str]:
    """Return the names of the schemas of responses, in the order of their first use."""
    found = []
    for content in _contents(document):
        for member in members_of(content["schema"]):
            reference = member.get("items", member).get("$ref", ERROR)
            if reference != ERROR and not is_error(member):
                found.append(component_name(reference))
    return list(dict.fromkeys(found))


def describe_resource(name: str, names: list[str], document: Node) -> str:
    """Return the section of a resource: an example if there is one, and its fields."""
    schemas = document["components"]["schemas"]
    parts = [f"### {section_title(name)}", first_paragraph(schemas[name]["description"])]
    if examples := find_examples(name, document):
        parts.append(f"```json\n{format_example(max(examples, key=_length))}\n```")
    fields: dict[str, Node] = schemas[name]["properties"]
    for other in names:
        inherited = schemas[other]["properties"]
        if inherited and other != name and inherited.items() <= fields.items():
            parts += [
                f"It has the fields of a {link_to_section(other)}, and:",
                field_table(name, document, inherited),
            ]
            return "\n\n".join(parts)
    return "\n\n".join([*parts, field_table(name, document)])


def find_examples(name: str, document: Node) -> list[Any]:
    """Return the examples of the resource in responses."""
    required = document["components"]["schemas"][name].get("required", ())
    found = []
    for content in _contents(document) if name not in WITHOUT_EXAMPLE else ():
        references = [member.get("items", member).get("$ref", "") for member in members_of(content["schema"])]
        if name in map(component_name, references):
            for example in content.get("examples", {}).values():
                value = resolve(example, document)["value"]
                resources = value if isinstance(value, list) else [value]
                found += [resource for resource in resources if set(required) <= resource.keys()]
    return found


def _length(example: Any) -> int:
    """Return how long the example is: the longest one has the most to tell."""
    return len(json.dumps(example))


def _contents(document: Node) -> Iterator[Node]:
    for _, _, operation in operations_of(document):
        for declared in operation["responses"].values():
            yield from resolve(declared, document).get("content", {}).values()


def format_example(value: Any) -> str:
    """Return JSON with a line for each field."""
    lines = [f"  {json.dumps(name)}: {json.dumps(each, ensure_ascii=False)}" for name, each in value.items()]
    return "{\n" + ",\n".join(lines) + "\n}"
