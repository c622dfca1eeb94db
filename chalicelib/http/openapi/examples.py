"""Examples: requests and responses that tests/acceptance/test_openapi_examples.py has recorded."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from chalicelib.core.errors import ErrorKind
from chalicelib.typed_values import decode_json

REQUEST_ID = "3f0c1a52-8f3e-4a53-9a0e-0d6e5c1b7a90"
"""In all examples."""


class Example(Struct):
    """A request and its response."""

    name: str
    """Of the example, among those of the same operation and status."""
    request: str
    """Its method and its path, with the query."""
    status: int
    headers: dict[str, str]
    """Of the response: those that are described."""
    request_body: Any | UnsetType = UNSET
    """JSON; UNSET if the request has no body, or one that isn't JSON."""
    body: Any | UnsetType = UNSET
    """JSON; UNSET if the response has no body, or one that isn't JSON."""


class Examples(Struct):
    """The recorded examples."""

    operations: dict[str, list[Example]]
    """By the operation's id."""
    errors: dict[str, dict[str, str]]
    """Bodies of error responses, by the name of the error's kind."""


@cache
def load_examples() -> Examples:
    """Return the recorded examples."""
    recorded = Path(__file__).with_name("examples.json").read_bytes()
    examples: Examples = decode_json(recorded, Examples)
    return examples


def error_example(name: str, kind: ErrorKind) -> dict[str, Any] | None:
    """Return the Example Object of an error; None if its message has fields and it wasn't recorded."""
    errors = load_examples().errors
    if name in errors:
        return {"summary": kind.code, "value": errors[name]}
    if "{" in kind.message:
        return None
    value = {"error": kind.code, "message": kind.message, "requestId": REQUEST_ID}
    return {"summary": kind.code, "value": value}


def add_examples(operation_id: str, described: dict[str, Any]) -> None:
    """Add the recorded examples to an Operation Object: to the bodies of its request and of its responses, and to
    the responses' headers. One of a response that isn't declared any more is left out until it is recorded anew.
    """
    for example in load_examples().operations.get(operation_id, ()):
        response = described["responses"].get(str(example.status), {})
        for name, header in response.get("headers", {}).items():
            if name in example.headers:
                header.setdefault("example", example.headers[name])
        _add_body(response, example.name, example.request, example.body)
        _add_body(described.get("requestBody", {}), example.name, example.request, example.request_body)


def _add_body(described: Mapping[str, Any], name: str, summary: str, value: Any) -> None:
    """Add an example to a Request Body Object or a Response Object."""
    content = described.get("content", {}).get("application/json")
    if content is not None and value is not UNSET:
        content.setdefault("examples", {})[name] = {"summary": summary, "value": value}
