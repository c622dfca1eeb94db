"""What the statements of a policy file give. Chalice's policies are plain: Allow or Deny, actions, resources."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from infra.errors import InfraError

WRITE = "s3:PutObject"

UNDERSTOOD = {"Sid", "Effect", "Action", "Resource"}

Statement = dict[str, Any]


class Permission(NamedTuple):
    """An action on a resource. A `*` at the resource's end means all that begins so."""

    action: str
    resource: str
    """An ARN, or `*`; it may refer to ${Name}, which is known when it is deployed."""


def granted(policy: Path, stage: str) -> list[Statement]:
    """Return the statements of a policy file, for a stage. Raises InfraError for one that this can't judge."""
    statements: list[Statement] = json.loads(policy.read_text().replace("${Stage}", stage))["Statement"]
    for statement in statements:
        if strange := sorted(set(statement) - UNDERSTOOD):
            raise InfraError(f"{policy.name} holds {', '.join(strange)}, which infra/permissions.py can't judge")
    return statements


def allow(statements: list[Statement], wanted: Permission) -> bool:
    """Whether the statements allow it, and none of them denies it."""
    return _any_covers("Allow", statements, wanted) and not _any_covers("Deny", statements, wanted)


def may_write(statements: list[Statement], prefix: str) -> bool:
    """Whether the statements allow to put any object whose key begins with `prefix`."""
    touched = any(
        fnmatchcase(f"{prefix}x", pattern) or pattern.startswith(prefix)
        for statement in statements
        if statement["Effect"] == "Allow" and _matches(WRITE, statement)
        for pattern in _key_patterns(statement)
    )
    return touched and not any(
        fnmatchcase(f"{prefix}*", pattern)
        for statement in statements
        if statement["Effect"] == "Deny" and _matches(WRITE, statement)
        for pattern in _key_patterns(statement)
    )


def _any_covers(effect: str, statements: list[Statement], wanted: Permission) -> bool:
    return any(
        fnmatchcase(wanted.resource, pattern)
        for statement in statements
        if statement["Effect"] == effect and _matches(wanted.action, statement)
        for pattern in _listed(statement["Resource"])
    )


def _matches(action: str, statement: Statement) -> bool:
    """IAM's actions know no upper and lower case."""
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in _listed(statement["Action"]))


def _key_patterns(statement: Statement) -> Iterator[str]:
    for resource in _listed(statement["Resource"]):
        yield "*" if resource == "*" else resource.partition("/")[2]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
