"""The error codes of operations, and the table of all of them."""

from collections.abc import Iterable, Mapping

from docs.tools.api_page.schemas import table
from docs.tools.references import Node, resolve

ERROR = "#/components/schemas/ErrorResource"
JSON = "application/json"

Codes = Mapping[str, list[str]]
"""Error codes by status."""


def members_of(schema: Node) -> list[Node]:
    """Return the alternatives of a response's schema."""
    members: list[Node] = schema.get("oneOf", [schema])
    return members


def is_error(schema: Node) -> bool:
    """Return whether it is the schema of error responses with certain codes."""
    return schema.get("$ref") == ERROR and "properties" in schema


def error_codes(operation: Node, document: Node) -> Codes:
    """Return the operation's error codes by status."""
    found: dict[str, list[str]] = {}
    for status, declared in operation["responses"].items():
        schema = resolve(declared, document).get("content", {}).get(JSON, {}).get("schema", {})
        for member in filter(is_error, members_of(schema)):
            found.setdefault(status, []).extend(member["properties"]["error"]["enum"])
    return found


def common_codes(operations: Iterable[Node], document: Node) -> Codes:
    """Return the error codes that every operation has, by status."""
    first, *others = (error_codes(operation, document) for operation in operations)
    return {
        status: [code for code in codes if all(code in other.get(status, ()) for other in others)]
        for status, codes in first.items()
    }


def list_codes(codes: Codes, common: Codes) -> str:
    """Return the codes that not all operations have, in words."""
    own = {
        status: [f"`{code}`" for code in each if code not in common.get(status, ())]
        for status, each in codes.items()
    }
    listed = "; ".join(f"{status} {', '.join(each)}" for status, each in own.items() if each)
    return f"{listed}; and those of [any request](#errors)." if listed else "those of [any request](#errors)."


def error_table(operations: Iterable[Node], common: Codes, document: Node) -> str:
    """Return the table of all codes with their messages. A code can have several."""
    messages: dict[tuple[str, str], dict[str, None]] = {}
    for operation in operations:
        codes = error_codes(operation, document)
        for status, declared in operation["responses"].items():
            content = resolve(declared, document).get("content", {}).get(JSON, {})
            for example in content.get("examples", {}).values():
                value = resolve(example, document)["value"]
                if isinstance(value, dict) and value.get("error") in codes.get(status, ()):
                    messages.setdefault((status, value["error"]), {})[value["message"]] = None
    rows = [
        (status, f"`{code}`", "all" if code in common.get(status, ()) else "some", "<br>".join(each))
        for (status, code), each in sorted(messages.items(), key=lambda item: item[0][0])
    ]
    return table(("status", "code", "operations", "message"), rows)
