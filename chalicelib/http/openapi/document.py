"""The OpenAPI document of the app's operations."""

from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.http.openapi.error_responses import ErrorResponses
from chalicelib.http.openapi.info import INFO, SECURITY_SCHEMES, TAGS
from chalicelib.http.openapi.operations import describe_operation, types_of
from chalicelib.http.openapi.schemas import Schemas
from chalicelib.http.operation import Operation
from chalicelib.http.resources.errors import ErrorResource


def build_document(operations: Iterable[Operation], servers: Sequence[str]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document. `servers` are the bases of the API's URLs, the preferred one first."""
    described = list(operations)
    schemas = Schemas([ErrorResource, *(declared for each in described for declared in types_of(each))])
    errors = ErrorResponses(operation.errors for operation in described)
    paths: dict[str, dict[str, Any]] = {}
    for operation in described:
        paths.setdefault(operation.path, {})[operation.method.lower()] = describe_operation(
            operation, schemas, errors
        )
    used = {operation.tag for operation in described}
    return {
        "openapi": "3.1.1",
        "info": INFO,
        "servers": [{"url": url} for url in servers],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items() if name in used],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": errors.components,
            "examples": errors.examples,
            "securitySchemes": SECURITY_SCHEMES,
        },
    }
