"""The section of an operation."""

from collections.abc import Iterator, Mapping

from docs.tools.api_page.links import OF_OPERATIONS
from docs.tools.api_page.schemas import describe_type, field_table, first_paragraph, table
from docs.tools.references import Node, component_name, resolve

ERROR = "#/components/schemas/ErrorResource"
JSON = "application/json"

Codes = Mapping[str, list[str]]
"""Error codes by status."""


def describe_operation(method: str, path: str, operation: Node, common: Codes, document: Node) -> str:
    """Return the section. `common` are the errors of all operations, which aren't repeated."""
    parts = [f"### {operation['summary']}", f"`{method.upper()} {path}`", operation.get("description", "")]
    parameters = [resolve(each, document) for each in operation.get("parameters", ())]
    rows = [parameter_row(each, document) for each in parameters if each["in"] != "path"]
    if rows:
        parts.append(table(("parameter", "type", "default", "meaning"), rows))
    if "requestBody" in operation:
        parts.extend(describe_body(operation["requestBody"], document))
    parts.append(table(("status", "meaning", "headers", "body"), response_rows(operation, document)))
    parts.append(f"[Errors](errors.md): {list_codes(error_codes(operation, document), common)}")
    if links := OF_OPERATIONS.get(operation["operationId"]):
        parts.append(f"See also: {', '.join(f'[{words}]({target})' for words, target in links)}.")
    return "\n\n".join(part.strip("\n") for part in parts if part)


def parameter_row(parameter: Node, document: Node) -> tuple[str, ...]:
    """Return the parameter's row of the table."""
    location = "" if parameter["in"] == "query" else f" ({parameter['in']})"
    schema = parameter["schema"]
    default = f"`{schema['default']}`" if "default" in schema else "required" if parameter.get("required") else "–"
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


def members_of(schema: Node) -> list[Node]:
    """Return the alternatives of a response's schema."""
    members: list[Node] = schema.get("oneOf", [schema])
    return members


def is_error(schema: Node) -> bool:
    """Return whether it is the schema of error responses with certain codes."""
    return {"$ref": ERROR} in schema.get("allOf", ())


def error_codes(operation: Node, document: Node) -> Codes:
    """Return the operation's error codes by status."""
    found: dict[str, list[str]] = {}
    for status, declared in operation["responses"].items():
        schema = resolve(declared, document).get("content", {}).get(JSON, {}).get("schema", {})
        for member in filter(is_error, members_of(schema)):
            found.setdefault(status, []).extend(member["allOf"][1]["properties"]["error"]["enum"])
    return found


def list_codes(codes: Codes, common: Codes) -> str:
    """Return the codes that not all operations have, in words."""
    own = {
        status: [f"`{code}`" for code in each if code not in common.get(status, ())]
        for status, each in codes.items()
    }
    listed = "; ".join(f"{status} {', '.join(each)}" for status, each in own.items() if each)
    return f"{listed}; and those of [any request](#errors)." if listed else "those of [any request](#errors)."
