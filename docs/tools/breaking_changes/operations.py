"""The operations of an API's description."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docs.tools.breaking_changes.alternatives import allowed_values, alternatives
from docs.tools.references import Node, resolve

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class OperationVersion:
    """An operation in one version of the description."""

    name: str
    """Such as "GET /api/files/{id}"."""
    document: Node
    path_item: Node
    declaration: Node

    @property
    def key(self) -> str:
        """The name without the names of path parameters, which clients don't send."""
        return re.sub(r"\{[^}]*\}", "{}", self.name)

    @property
    def parameters(self) -> dict[tuple[str, str], Node]:
        """The parameters by location and name; those in the path by their position."""
        inherited, own = self.path_item.get("parameters", ()), self.declaration.get("parameters", ())
        found = {}
        for declared in (*inherited, *own):
            parameter = resolve(declared, self.document)
            name = parameter["name"].lower() if parameter["in"] == "header" else parameter["name"]
            if parameter["in"] == "path":
                name = str(re.findall(r"\{([^}]*)\}", self.name).index(name))
            found[parameter["in"], name] = parameter
        return found

    @property
    def responses(self) -> dict[str, Node]:
        """The responses by status."""
        return {
            status: resolve(response, self.document)
            for status, response in self.declaration.get("responses", {}).items()
        }

    @property
    def body(self) -> Node | None:
        declared = self.declaration.get("requestBody")
        return None if declared is None else resolve(declared, self.document)

    @property
    def error_codes(self) -> dict[str, set[str]]:
        """The statuses of each error code, of responses of 400 or more."""
        statuses: dict[str, set[str]] = {}
        for status, response in self.responses.items():
            for code in codes_of(response, self.document) if status >= "4" else ():
                statuses.setdefault(code, set()).add(status)
        return statuses


def codes_of(response: Node, document: Node) -> Iterator[str]:
    """Yield the error codes of a response: what the field `error` can be."""
    schema = response.get("content", {}).get(JSON, {}).get("schema", {})
    for alternative in alternatives(schema, document):
        field = alternative.schema.get("properties", {}).get("error", {})
        for member in alternatives(field, document):
            yield from allowed_values(member.schema) or ()


def codes_of_components(document: Node) -> list[str]:
    """Return the error codes of the responses that are components."""
    responses = document.get("components", {}).get("responses", {}).values()
    return list(dict.fromkeys(code for response in responses for code in codes_of(response, document)))


def operations_of(document: Node) -> Iterator[OperationVersion]:
    """Yield the operations of a description."""
    for path, path_item in document.get("paths", {}).items():
        for method in METHODS:
            if method in path_item:
                yield OperationVersion(f"{method.upper()} {path}", document, path_item, path_item[method])
