"""Evaluating the statements of policy files. Chalice's policies are plain: Allow or Deny, actions, resources."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from infra.errors import InfraError

PUT = "s3:PutObject"

SUPPORTED_KEYS = {"Sid", "Effect", "Action", "Resource"}

SOURCE_FUNCTION = "lambda:SourceFunctionArn"
"""The condition key of requests that a function's code makes, which Lambda's own requests with its role lack.
https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html"""

Statement = dict[str, Any]


class Permission(NamedTuple):
    """An action on a resource. A `*` at the end of the resource matches every suffix."""

    action: str
    resource: str
    """An ARN, or `*`. It may contain ${Name}, which is resolved at deployment."""


def read_statements(policy: Path, stage: str) -> list[Statement]:
    """Return a policy file's statements, for a stage. Raises InfraError for keys that can't be evaluated."""
    statements: list[Statement] = json.loads(policy.read_text().replace("${Stage}", stage))["Statement"]
    for statement in statements:
        supported = SUPPORTED_KEYS | ({"Condition"} if denied_function(statement) else set())
        if unsupported := sorted(set(statement) - supported):
            raise InfraError(
                f"{policy.name} has {', '.join(unsupported)}, which infra/permissions.py can't evaluate"
            )
    return statements


def denied_function(statement: Statement) -> str | None:
    """Return the ARN of the function to whose code the statement denies something, or None if it has another
    condition, or none."""
    match statement:
        case {
            "Effect": "Deny",
            "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": str(arn), **keys}, **operators},
        }:
            return None if keys or operators else arn
    return None


def denies_code(statements: list[Statement], function: str, permission: Permission) -> bool:
    """Return whether a statement denies the permission to the code of the function with this ARN."""
    conditional = [statement for statement in statements if denied_function(statement) == function]
    return _has_statement("Deny", conditional, permission)


def allows(statements: list[Statement], permission: Permission) -> bool:
    """Return whether a statement allows the permission and none denies it, except to a function's code."""
    unconditional = [statement for statement in statements if not denied_function(statement)]
    return _has_statement("Allow", statements, permission) and not _has_statement(
        "Deny", unconditional, permission
    )


def allows_put(statements: list[Statement], prefix: str) -> bool:
    """Return whether the statements allow putting any object whose key starts with `prefix`."""
    is_allowed = any(
        fnmatchcase(f"{prefix}x", pattern) or pattern.startswith(prefix)
        for statement in statements
        if statement["Effect"] == "Allow" and _matches_action(PUT, statement)
        for pattern in _key_patterns(statement)
    )
    return is_allowed and not any(
        fnmatchcase(f"{prefix}*", pattern)
        for statement in statements
        if statement["Effect"] == "Deny" and _matches_action(PUT, statement)
        for pattern in _key_patterns(statement)
    )


def _has_statement(effect: str, statements: list[Statement], permission: Permission) -> bool:
    return any(
        fnmatchcase(permission.resource, pattern)
        for statement in statements
        if statement["Effect"] == effect and _matches_action(permission.action, statement)
        for pattern in _as_list(statement["Resource"])
    )


def _matches_action(action: str, statement: Statement) -> bool:
    """Return whether the statement is about the action. IAM ignores the case of actions."""
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in _as_list(statement["Action"]))


def _key_patterns(statement: Statement) -> Iterator[str]:
    for resource in _as_list(statement["Resource"]):
        yield "*" if resource == "*" else resource.partition("/")[2]


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
