"""Compare two versions of an API's description: operations, parameters, bodies, responses, error codes."""

from collections.abc import Iterator

from docs.tools.breaking_changes.changes import Change, Direction, Severity
from docs.tools.breaking_changes.compare_schemas import SchemaComparison
from docs.tools.breaking_changes.operations import OperationVersion, codes_of_components, operations_of
from docs.tools.references import Node, resolve


def compare_documents(old: Node, new: Node) -> Iterator[tuple[str, Change]]:
    """Yield each change that clients of the old version notice, with the operation that it is in."""
    operations = {operation.key: operation for operation in operations_of(new)}
    for before in operations_of(old):
        after = operations.get(before.key)
        if after is None:
            yield before.name, Change(Severity.BREAKING, "the operation", "was removed")
            continue
        for compare in (
            _compare_operation,
            _compare_parameters,
            _compare_bodies,
            _compare_responses,
            _compare_codes,
        ):
            for change in compare(before, after):
                yield before.name, change
    yield from _compare_codes_of_no_operation(old, new)


def _compare_operation(before: OperationVersion, after: OperationVersion) -> Iterator[Change]:
    names = before.declaration.get("operationId"), after.declaration.get("operationId")
    if names[0] != names[1]:
        yield Change(Severity.WARNING, "operationId", f"was `{names[0]}`, is `{names[1]}`")
    for credentials in _security(before):
        if not any(_suffice(credentials, requirement) for requirement in _security(after)):
            named = ", ".join(credentials) or "no credentials"
            yield Change(Severity.BREAKING, "security", f"{named} are no longer enough")


def _security(operation: OperationVersion) -> list[Node]:
    """Return the alternatives, each with its schemes and their scopes. An empty one needs no credentials."""
    declared: list[Node] = operation.declaration.get("security", operation.document.get("security", []))
    return declared or [{}]


def _suffice(credentials: Node, requirement: Node) -> bool:
    return all(
        name in credentials and set(scopes) <= set(credentials[name]) for name, scopes in requirement.items()
    )


def _compare_parameters(before: OperationVersion, after: OperationVersion) -> Iterator[Change]:
    comparison = _comparison(before, after, Direction.REQUEST)
    old_parameters, new_parameters = before.parameters, after.parameters
    for key, old in old_parameters.items():
        place = f"the {old['in']} parameter `{old['name']}`"
        new = new_parameters.get(key)
        if new is None:
            yield Change(Severity.BREAKING, place, "was removed")
            continue
        if new.get("required") and not old.get("required"):
            yield Change(Severity.BREAKING, place, "is required now")
        for keyword in ("style", "explode", "content", "allowReserved"):
            if old.get(keyword) != new.get(keyword):
                yield Change(Severity.BREAKING, place, f"{keyword} was {old.get(keyword)}, is {new.get(keyword)}")
        yield from comparison.compare(old.get("schema", True), new.get("schema", True), place)
    for key, new in new_parameters.items():
        if key not in old_parameters and new.get("required"):
            yield Change(Severity.BREAKING, f"the {new['in']} parameter `{new['name']}`", "is new and required")


def _compare_bodies(before: OperationVersion, after: OperationVersion) -> Iterator[Change]:
    place, old, new = "the request body", before.body, after.body
    if new is None:
        if old is not None:
            yield Change(Severity.BREAKING, place, "was removed")
        return
    if new.get("required") and not (old and old.get("required")):
        yield Change(Severity.BREAKING, place, "is required now")
    if old is not None:
        yield from _compare_content(old, new, place, _comparison(before, after, Direction.REQUEST))


def _compare_content(old: Node, new: Node, place: str, comparison: SchemaComparison) -> Iterator[Change]:
    before, after = old.get("content", {}), new.get("content", {})
    for media_type, declared in before.items():
        if media_type not in after:
            yield Change(Severity.BREAKING, place, f"{media_type} was removed")
            continue
        schemas = declared.get("schema", True), after[media_type].get("schema", True)
        yield from comparison.compare(*schemas, f"{place} as {media_type}")


def _compare_responses(before: OperationVersion, after: OperationVersion) -> Iterator[Change]:
    """Yield the changes of responses. Errors are compared by their codes elsewhere, so here they may change."""
    comparison = _comparison(before, after, Direction.RESPONSE)
    for status, old in before.responses.items():
        place, new = f"the response {status}", after.responses.get(status)
        if new is not None:
            yield from _compare_headers(old, new, place, comparison)
            changes = _compare_content(old, new, place, comparison)
            yield from (change for change in changes if status < "4" or not _is_of_error(change, place))
        elif status < "4":
            yield Change(Severity.BREAKING, place, "was removed")
    for status in after.responses:
        if status not in before.responses and status < "4":
            yield Change(Severity.WARNING, f"the response {status}", "is new")


def _is_of_error(change: Change, response: str) -> bool:
    """Return whether a change of a response means that it has another code, or that it can be an error, too."""
    is_of_code = change.place.endswith(", `error`") and change.what.startswith("the value")
    is_of_response = change.place.startswith(f"{response} as ") and "," not in change.place
    return is_of_code or (is_of_response and change.what.endswith(" is new"))


def _compare_headers(old: Node, new: Node, place: str, comparison: SchemaComparison) -> Iterator[Change]:
    after = {name.lower(): header for name, header in new.get("headers", {}).items()}
    for name, declared in old.get("headers", {}).items():
        header = resolve(declared, comparison.old)
        if name.lower() not in after:
            yield Change(Severity.BREAKING, place, f"the header `{name}` was removed")
            continue
        new_header = resolve(after[name.lower()], comparison.new)
        if header.get("required") and not new_header.get("required"):
            yield Change(Severity.BREAKING, place, f"the header `{name}` may be missing now")
        schemas = header.get("schema", True), new_header.get("schema", True)
        yield from comparison.compare(*schemas, f"{place}, the header `{name}`")


def _compare_codes(before: OperationVersion, after: OperationVersion) -> Iterator[Change]:
    codes = after.error_codes
    for code, statuses in before.error_codes.items():
        place, now = f"the error code `{code}`", codes.get(code, set())
        if not now:
            yield Change(Severity.BREAKING, place, "was removed")
        elif not statuses <= now:
            what = f"had the status {', '.join(sorted(statuses))}, has {', '.join(sorted(now))}"
            yield Change(Severity.BREAKING, place, what)


def _compare_codes_of_no_operation(old: Node, new: Node) -> Iterator[tuple[str, Change]]:
    """Yield the codes that are gone of responses to requests that no operation matches. They are components."""
    before, after = codes_of_components(old), codes_of_components(new)
    of_operations = {code for operation in operations_of(old) for code in operation.error_codes}
    for code in before:
        if code not in after and code not in of_operations:
            yield "no operation", Change(Severity.BREAKING, f"the error code `{code}`", "was removed")


def _comparison(before: OperationVersion, after: OperationVersion, direction: Direction) -> SchemaComparison:
    return SchemaComparison(before.document, after.document, direction)
