"""The page: an overview, a section for each operation and each resource, and the errors of any request."""

import json
from collections.abc import Iterator
from typing import Any

from docs.tools.api_page.operations import (
    ERROR,
    Codes,
    describe_operation,
    error_codes,
    is_error,
    members_of,
    response_rows,
)
from docs.tools.api_page.schemas import field_table, first_paragraph, link_to_section, section_title, table
from docs.tools.references import Node, component_name, resolve

METHODS = ("get", "post", "put", "patch", "delete")
NOTE = "<!-- Made by `make reference` from the declarations of the routes in chalicelib/http: change those. -->"
ELSEWHERE = """\
This page is made from the API's description in OpenAPI 3.1, [openapi.json](openapi.json). A running service has it
at `/api/openapi.json` and shows it in a browser at `/api/docs`, where you can [try it](../how-to/try-the-api.md).
In the commands below, `$URL` is the service's URL, such as `http://127.0.0.1:8000`. `$ID` is the `id` of a file,
which is also `{file_id}` in a path."""

ANY_REQUEST = "Any request can end with one of these. [errors.md](errors.md) says when, and explains all codes."


def render_page(document: Node) -> str:
    """Return docs/reference/api.md for an OpenAPI document."""
    operations = list(operations_of(document))
    common = common_codes(operations, document)
    parts = [NOTE, "# API", document["info"]["description"].strip(), ELSEWHERE, overview(operations, document)]
    for tag in document["tags"]:
        parts += [f"## {tag['name']}", tag["description"]]
        parts += [
            describe_operation(method, path, operation, common, document)
            for method, path, operation in operations
            if tag["name"] in operation["tags"]
        ]
    parts += ["## Resources", "The JSON in the bodies of responses."]
    names = resources(operations, document)
    parts += [describe_resource(name, names, document) for name in names]
    parts += [
        "## Errors",
        "Any request can end with one of these; [errors.md](errors.md) explains all codes.",
        common_table(common),
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def operations_of(document: Node) -> Iterator[tuple[str, str, Node]]:
    """Yield the method, the path and the declaration of each operation."""
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield method, path, methods[method]


def overview(operations: list[tuple[str, str, Node]], document: Node) -> str:
    """Return the table of all operations."""
    rows = []
    for method, path, operation in operations:
        anchor = operation["summary"].lower().replace(" ", "-").replace("'", "")
        statuses = ", ".join(status for status, *_ in response_rows(operation, document))
        rows.append((f"`{method.upper()} {path}`", f"[{operation['summary']}](#{anchor})", statuses))
    return table(("method, path", "what it does", "status"), rows)


def resources(operations: list[tuple[str, str, Node]], document: Node) -> list[str]:
    """Return the names of the schemas of responses, in the order of their first use."""
    found = []
    for _, _, operation in operations:
        for declared in operation["responses"].values():
            for content in resolve(declared, document).get("content", {}).values():
                for member in members_of(content["schema"]):
                    reference = member.get("items", member).get("$ref")
                    if reference and not is_error(member) and reference != ERROR:
                        found.append(component_name(reference))
    return list(dict.fromkeys(found))


def describe_resource(name: str, names: list[str], document: Node) -> str:
    """Return the section of a resource: an example if there is one, and its fields."""
    schemas = document["components"]["schemas"]
    parts = [f"### {section_title(name)}", first_paragraph(schemas[name]["description"])]
    if example := find_example(name, document):
        parts.append(f"```json\n{format_example(example)}\n```")
    fields: dict[str, Node] = schemas[name]["properties"]
    for other in names:
        inherited = schemas[other]["properties"]
        if other != name and inherited.items() <= fields.items():
            parts += [
                f"It has the fields of a {link_to_section(other)}, and:",
                field_table(name, document, inherited),
            ]
            return "\n\n".join(parts)
    return "\n\n".join([*parts, field_table(name, document)])


def find_example(name: str, document: Node) -> Any:
    """Return the first example of a response that is such a resource, or an array of them."""
    for _, _, operation in operations_of(document):
        for declared in operation["responses"].values():
            for content in resolve(declared, document).get("content", {}).values():
                schema = content["schema"]
                if component_name(schema.get("items", schema).get("$ref", "")) == name:
                    for example in content.get("examples", {}).values():
                        value = resolve(example, document)["value"]
                        return value[-1] if isinstance(value, list) else value
    return None


def format_example(value: Any) -> str:
    """Return JSON with a line for each field."""
    lines = [f"  {json.dumps(name)}: {json.dumps(each, ensure_ascii=False)}" for name, each in value.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def common_codes(operations: list[tuple[str, str, Node]], document: Node) -> Codes:
    """Return the error codes that every operation has, by status."""
    first, *others = (error_codes(operation, document) for _, _, operation in operations)
    return {
        status: [code for code in codes if all(code in other.get(status, ()) for other in others)]
        for status, codes in first.items()
    }


def common_table(common: Codes) -> str:
    """Return the table of the errors that any request can end with."""
    return table(("status", "codes"), [(status, list_of(codes)) for status, codes in common.items() if codes])


def list_of(codes: list[str]) -> str:
    """Return codes in words."""
    return ", ".join(f"`{code}`" for code in codes)
