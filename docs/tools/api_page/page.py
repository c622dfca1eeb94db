"""The page: an overview, a section for each operation and each resource, and all error codes."""

import re

from docs.tools.api_page.errors import common_codes, error_table
from docs.tools.api_page.operations import describe_operation, operations_of, response_rows, split_description
from docs.tools.api_page.resources import describe_resource, resource_names
from docs.tools.api_page.schemas import table
from docs.tools.references import Node

NOTE = "<!-- Made by `make reference` from the declarations of the routes in chalicelib/http: change those. -->"
ELSEWHERE = """\
This page is made from the API's description in OpenAPI 3.1, [openapi.json](openapi.json). A running service has it
at `/api/openapi.json`, and shows it in a browser at `/api/docs`: [try it](../how-to/try-the-api.md)."""
ERRORS = """\
The codes of error responses, with examples of their messages. [errors.md](errors.md) says when they occur, and has
those of requests that reach no operation."""


def render_page(document: Node) -> str:
    """Return docs/reference/api.md for an OpenAPI document."""
    operations = list(operations_of(document))
    common = common_codes([operation for _, _, operation in operations], document)
    introduction, conventions = split_description(document["info"]["description"])
    parts = [NOTE, "# API", introduction, ELSEWHERE, overview(operations, document)]
    parts += ["## Conventions", conventions]
    for tag in document["tags"]:
        parts += [f"## {tag['name']}", tag["description"]]
        parts += [
            describe_operation(method, path, operation, common, document)
            for method, path, operation in operations
            if tag["name"] in operation["tags"]
        ]
    parts += ["## Resources", "The JSON in the bodies of responses."]
    names = resource_names(document)
    parts += [describe_resource(name, names, document) for name in names]
    parts += [
        "## Errors",
        ERRORS,
        error_table([operation for _, _, operation in operations], common, document),
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def overview(operations: list[tuple[str, str, Node]], document: Node) -> str:
    """Return the table of all operations."""
    rows = []
    for method, path, operation in operations:
        anchor = re.sub(r"[^\w\- ]", "", operation["summary"].lower()).replace(" ", "-")  # as GitHub makes them
        statuses = ", ".join(status for status, *_ in response_rows(operation, document))
        rows.append((f"`{method.upper()} {path}`", f"[{operation['summary']}](#{anchor})", statuses))
    return table(("method, path", "what it does", "status"), rows)
