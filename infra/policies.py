"""Which permissions the functions need, and which their policies give."""

import ast
import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from infra.failures import InfraError
from infra.project import SOURCE

STORAGE_USES = {
    "api_handler": {"put", "delete", "download_url"},
    "process_upload": {"head", "read", "delete"},
    "take_dead_letters": set[str](),
    "sweep": {"head", "read", "delete"},
    "migrate": set[str](),
}
"""The methods of chalicelib.core.ports.Storage that each function calls. A test compares it with what they do."""

ACTIONS = {
    "put_object": "s3:PutObject",
    "head_object": "s3:GetObject",
    "get_object": "s3:GetObject",
    "delete_object": "s3:DeleteObject",
    "head_bucket": "s3:ListBucket",
}
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html"""

WRITE = "s3:PutObject"

RECEIVE = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
"""What the role of a function that a queue calls must allow: Lambda polls with it.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""


def needed(function: str) -> set[str]:
    """Return the S3 actions that a function needs, read from the adapter's calls. Raises InfraError."""
    calls = calls_by_method()
    operations = {operation for method in STORAGE_USES[function] for operation in calls[method]}
    unknown = operations - set(ACTIONS)
    if unknown:
        raise InfraError(f"infra/policies.py doesn't say which action {', '.join(sorted(unknown))} needs")
    return {ACTIONS[operation] for operation in operations}


def granted(policy: Path) -> list[dict[str, Any]]:
    """Return the statements of a policy file."""
    statements: list[dict[str, Any]] = json.loads(policy.read_text())["Statement"]
    return statements


def actions(statements: list[dict[str, Any]]) -> set[str]:
    """Return all actions that the statements allow."""
    return {action for statement in statements for action in _listed(statement["Action"])}


def may_write(statements: list[dict[str, Any]], prefix: str) -> bool:
    """Whether the statements allow to put an object whose key begins with `prefix`."""
    return any(
        fnmatchcase(f"{prefix}x", pattern) or pattern.startswith(prefix)
        for statement in statements
        if any(fnmatchcase(WRITE, action) for action in _listed(statement["Action"]))
        for pattern in _key_patterns(statement)
    )


def calls_by_method() -> dict[str, set[str]]:
    """Return the client's operations that each of the storage adapter's methods leads to."""
    module = ast.parse((SOURCE / "chalicelib" / "adapters" / "s3.py").read_text())
    [adapter] = [node for node in module.body if isinstance(node, ast.ClassDef)]
    methods = {node.name: node for node in adapter.body if isinstance(node, ast.FunctionDef)}
    return {name: set(_operations(name, methods)) for name in methods}


def _operations(name: str, methods: dict[str, ast.FunctionDef]) -> Iterator[str]:
    for call in (node for node in ast.walk(methods[name]) if isinstance(node, ast.Call)):
        match call.func:
            case ast.Attribute(attr="generate_presigned_url"):
                assert isinstance(call.args[0], ast.Constant)
                yield str(call.args[0].value)
            case ast.Attribute(value=ast.Attribute(attr="_client"), attr=operation):
                yield operation
            case ast.Attribute(value=ast.Name(id="self"), attr=other):
                yield from _operations(other, methods)


def _key_patterns(statement: dict[str, Any]) -> Iterator[str]:
    for resource in _listed(statement["Resource"]):
        yield "*" if resource == "*" else resource.partition("/")[2]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
