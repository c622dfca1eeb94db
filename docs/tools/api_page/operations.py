"""The section of an operation."""

import json
from collections.abc import Iterator

from docs.tools.api_page.errors import JSON, Codes, error_codes, is_error, list_codes, members_of
from docs.tools.api_page.links import OF_OPERATIONS
from docs.tools.api_page.schemas import describe_type, field_table, first_paragraph, table
from docs.tools.references import Node, component_name, resolve

METHODS = ("get", "post", "put", "patch", "delete")


def operations_of(document: Node) -> Iterator[tuple[str, str, Node]]:
    """Yield the method, the path and the declaration of each operation."""
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield method, path, methods[method]


def describe_operation(method: str, path: str, operation: Node, common: Codes, document: Node) -> str:
    """Return the section. `common` are the errors of all operations, which aren't repeated."""
    description, notes = split_description(operation.get("description", ""))
    parts = [f"### {operation['summary']}", f"`{method.upper()} {path}` · {needed_scope(operation)}", description]
    parameters = [resolve(each, document) for each in operation.get("parameters", ())]
    rows = [parameter_row(each, document) for each in parameters if each["in"] != "path"]
    if rows:
        parts.append(table(("parameter", "type", "default", "meaning"), rows))
    if "requestBody" in operation:
        parts.extend(describe_body(operation["requestBody"], document))
    parts.append(table(("status", "meaning", "headers", "body"), response_rows(operation, document)))
    parts.append(notes)
    parts.append(f"[Errors](errors.md): {list_codes(error_codes(operation, document), common)}")
    if links := OF_OPERATIONS.get(operation["operationId"]):
        parts.append(f"See also: {', '.join(f'[{words}]({target})' for words, target in links)}.")
    return "\n\n".join(part.strip("\n") for part in parts if part)


def needed_scope(operation: Node) -> str:
    """Return what a caller needs, in words."""
    scopes = [
        scope
        for requirement in operation.get("security", ())
        for of_scheme in requirement.values()
        for scope in of_scheme
    ]
    return f"scope {', '.join(f'`{scope}`' for scope in scopes)}" if scopes else "no token"


def split_description(description: str) -> tuple[str, str]:
    """Return what comes before the tables, and what comes after them: paragraphs with a title in bold."""
    before, title, notes = description.partition("\n\n**")
    return before, title.strip() + notes


def parameter_row(parameter: Node, document: Node) -> tuple[str, ...]:
    """Return the parameter's row of the table."""
    location = "" if parameter["in"] == "query" else f" ({parameter['in']})"
    schema = parameter["schema"]
    default = "required" if parameter.get("required") else "–"
    if "default" in schema:
        value = schema["default"]
        default = f"`{value if isinstance(value, str) else json.dumps(value)}`"
    meaning = first_paragraph(parameter.get("description", ""))
    return f"`{parameter['name']}`{location}", describe_type(schema, document), default, meaning


def describe_body(body: Node, document: Node) -> Iterator[str]:
    """Yield what the request's body is, for each media type."""
    for media_type, content in body["content"].items():
        schema = content["schema"]
        if "$ref" in schema:
            description = resolve(schema, document)["description"]
            yield f"Body as `{media_type}`: {first_paragraph(description)}"
            yield field_table(component_name(schema["$ref"]), document)
        else:
            yield f"Body as `{media_type}`: {first_paragraph(schema.get('description', 'The bytes as they are.'))}"


def response_rows(operation: Node, document: Node) -> Iterator[tuple[str, ...]]:
    """Yield a row for each response that isn't only an error."""
    for status, declared in operation["responses"].items():
        response = resolve(declared, document)
        content = response.get("content", {})
        members = [member for body in content.values() for member in members_of(body["schema"])]
        bodies = [member for member in members if not is_error(member)]
        if status >= "4" and not bodies:
            continue
        headers = (header_words(name, header) for name, header in response.get("headers", {}).items())
        words = " or ".join(describe_type(body, document) for body in bodies)
        if words and JSON not in content:
            words = ", ".join(f"`{media_type}`" for media_type in content)
        yield status, first_paragraph(response["description"]), "<br>".join(headers) or "–", words or "–"


def header_words(name: str, header: Node) -> str:
    """Return a header with its meaning."""
    return f"`{name}`{'' if header.get('required') else ' (optional)'}: {first_paragraph(header['description'])}"
