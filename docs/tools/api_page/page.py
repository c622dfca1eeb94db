"""The page: an overview, a section for each operation and each resource, and the errors of any request."""

import json
import re
from collections.abc import Iterator
from typing import Any

from docs.tools.api_page.errors import ERROR, common_codes, error_table, is_error, members_of
from docs.tools.api_page.operations import describe_operation, response_rows
from docs.tools.api_page.schemas import field_table, first_paragraph, link_to_section, section_title, table
from docs.tools.references import Node, component_name, resolve

METHODS = ("get", "post", "put", "patch", "delete")
NOTE = "<!-- Made by `make reference` from the declarations of the routes in chalicelib/http: change those. -->"
ELSEWHERE = """\
This page is made from the API's description in OpenAPI 3.1, [openapi.json](openapi.json). A running service has it
at `/api/openapi.json` and shows it in a browser at `/api/docs`, where you can [try it](../how-to/try-the-api.md).
In the commands below, `$URL` is the service's URL, such as `http://127.0.0.1:8000`. `$ID` is the `id` of a file,
which is also `{file_id}` in a path."""

ERRORS = """\
The codes of error responses, with their messages. [errors.md](errors.md) says when each occurs, and has those of
requests that reach no operation."""


def render_page(document: Node) -> str:
    """Return docs/reference/api.md for an OpenAPI document."""
    operations = list(operations_of(document))
    common = common_codes([operation for _, _, operation in operations], document)
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
        ERRORS,
        error_table([operation for _, _, operation in operations], common, document),
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
        anchor = re.sub(r"[^\w\- ]", "", operation["summary"].lower()).replace(" ", "-")  # as GitHub makes them
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
