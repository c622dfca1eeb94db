"""Error responses: for each status the codes that it can have, with their messages."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from chalicelib.core import errors as core_errors
from chalicelib.core.errors import (
    DAILY_QUOTA_EXCEEDED,
    INVALID_TOKEN,
    SCAN_PENDING,
    TOKEN_EXPIRED,
    TOKEN_REVOKED,
    ErrorKind,
)
from chalicelib.http import errors as http_errors
from chalicelib.http.errors import (
    HTTP_STATUSES,
    METHOD_NOT_ALLOWED,
    MISSING_CREDENTIALS,
    RATE_LIMIT_EXCEEDED,
    ROUTE_NOT_FOUND,
    UNAUTHORIZED,
)
from chalicelib.http.openapi.examples import error_example

OF_NO_OPERATION = (METHOD_NOT_ALLOWED, ROUTE_NOT_FOUND, UNAUTHORIZED)
"""Responses to requests that no operation matches, or that API Gateway refuses."""

RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds. Missing in responses of API Gateway, and with other codes of the same status.",
        "required": False,
        "schema": {"type": "integer"},
        "example": 20,
    }
}

CHALLENGE = {
    "WWW-Authenticate": {
        "description": "How to authenticate. API Gateway calls it `x-amzn-Remapped-WWW-Authenticate`.",
        "schema": {"type": "string"},
        "example": 'Bearer realm="file-loader", error="invalid_token"',
    }
}

HEADERS: Mapping[ErrorKind, Mapping[str, Any]] = {
    MISSING_CREDENTIALS: CHALLENGE,
    INVALID_TOKEN: CHALLENGE,
    TOKEN_EXPIRED: CHALLENGE,
    TOKEN_REVOKED: CHALLENGE,
    METHOD_NOT_ALLOWED: {
        "Allow": {
            "description": "The methods of this path.",
            "required": True,
            "schema": {"type": "string"},
            "example": "GET, HEAD, OPTIONS",
        }
    },
    DAILY_QUOTA_EXCEEDED: RETRY_AFTER,
    RATE_LIMIT_EXCEEDED: RETRY_AFTER,
    SCAN_PENDING: RETRY_AFTER,
}
"""The headers of an error's response."""

NAMES = {
    kind: name.lower()
    for module in (core_errors, http_errors)
    for name, kind in vars(module).items()
    if isinstance(kind, ErrorKind)
}
"""Of examples: a code can have several messages."""


class ErrorResponses:
    """The error responses of a document. One that several operations have is a component."""

    def __init__(self, errors: Iterable[frozenset[ErrorKind]]) -> None:
        """`errors` are those of each operation."""
        counts = Counter(kinds for each in errors for kinds in group_by_status(each).values())
        shared = {kinds for kinds, count in counts.items() if count > 1} | {(kind,) for kind in OF_NO_OPERATION}
        self._names = {kinds: _name(kinds) for kinds in sorted(shared, key=_name)}
        self.components = {name: describe_errors(kinds) for kinds, name in self._names.items()}
        examples = {NAMES[kind]: error_example(NAMES[kind], kind) for kind in HTTP_STATUSES}
        self.examples = {name: example for name, example in examples.items() if example}

    def of(self, kinds: tuple[ErrorKind, ...]) -> dict[str, Any]:
        """Return the response of errors that have one status, or a reference to it."""
        name = self._names.get(kinds)
        return {"$ref": f"#/components/responses/{name}"} if name else describe_errors(kinds)


@cache
def group_by_status(errors: frozenset[ErrorKind]) -> Mapping[int, tuple[ErrorKind, ...]]:
    """Return the errors of each status, both in the order of the table."""
    found: dict[int, tuple[ErrorKind, ...]] = {}
    for kind, status in HTTP_STATUSES.items():
        if kind in errors:
            found[status] = (*found.get(status, ()), kind)
    return found


def describe_errors(kinds: Sequence[ErrorKind]) -> dict[str, Any]:
    """Return the response of errors that have one status.

    Its schema is the one of all errors, with the codes beside the reference: with `allOf`, generators of clients
    make a class for each status of each operation.
    """
    codes = list(dict.fromkeys(kind.code for kind in kinds))
    headers = {name: header for kind in kinds for name, header in HEADERS.get(kind, {}).items()}
    return {
        "description": "\n".join(f"- `{kind.code}`: {kind.message}" for kind in kinds),
        **({"headers": headers} if headers else {}),
        "content": {
            "application/json": {
                "schema": {
                    "$ref": "#/components/schemas/ErrorResource",
                    "properties": {"error": {"type": "string", "enum": codes}},
                },
                "examples": {NAMES[kind]: {"$ref": f"#/components/examples/{NAMES[kind]}"} for kind in kinds},
            }
        },
    }


def _name(kinds: Sequence[ErrorKind]) -> str:
    """Return the name of a component, such as `BadRequestOrInvalidParameter`."""
    return "Or".join(NAMES[kind].title().replace("_", "") for kind in kinds)
