"""A route declares the errors that its code can raise, and no others. docs/decisions/0026-declared-errors.md"""

import ast
import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

from app import app
from chalicelib.core import errors as core_errors
from chalicelib.core.errors import ErrorKind, FileErrorKind
from chalicelib.http import (
    arguments,
    authentication,
    host_check,
    response_middleware,
    router,
    typed_response,
    unknown_parameters,
)
from chalicelib.http import errors as http_errors
from chalicelib.http.declarations import Path, RawBody
from chalicelib.http.errors import (
    AUTHENTICATION_ERRORS,
    COMMON_ERRORS,
    INVALID_PARAMETER,
    METHOD_NOT_ALLOWED,
    UNHEALTHY,
)
from chalicelib.http.operation import Operation
from chalicelib.http.router import operations
from emulator import gateway as emulator_gateway
from infra import gateway as api_gateway
from tests.sources.definitions import Definition, definitions, find_adapters, find_method, method_names, modules
from tests.sources.raised_errors import Analysis

NAMES = {
    kind: name
    for module in (core_errors, http_errors)
    for name, kind in vars(module).items()
    if isinstance(kind, ErrorKind)
}
OPERATIONS = operations(app)
READ_PARAMETERS = (arguments.parse_value, unknown_parameters.refuse_unknown_and_repeated)
OF_PATH_PARAMETERS = ErrorKind("unknown", "raised by chalicelib.http.arguments.parse_value")
"""The error of an invalid path parameter, which its marker declares."""
GATEWAY_MESSAGES = {message for _, message in emulator_gateway.GATEWAY_RESPONSES.values()} | {
    message for _, _, message in api_gateway.RESPONSES.values()
}
GATEWAYS = {kind for kind in NAMES if kind.message in GATEWAY_MESSAGES}
"""The responses of API Gateway and of the emulator in its place, before or instead of the route's."""


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return Analysis()


def locate(*functions: Callable[..., Any]) -> list[Definition]:
    return [Definition(function.__module__, function.__qualname__) for function in functions]


def names(kinds: set[ErrorKind] | frozenset[ErrorKind]) -> set[str]:
    return {NAMES.get(kind, kind.message) for kind in kinds}


def errors_of_request(operation: Operation, analysis: Analysis) -> set[ErrorKind]:
    """Return the errors of a request that doesn't get to the handler, or whose response isn't built."""
    functions: list[Callable[..., Any]] = [*READ_PARAMETERS, typed_response.build_response]
    functions += [dependency.compute for dependency in operation.dependencies.values()]
    if operation.body:
        is_raw = isinstance(operation.body.marker, RawBody)
        functions.append(arguments.read_raw_body if is_raw else arguments.read_json_body)
    of_path = set()
    for marker in (parameter.marker for parameter in operation.parameters):
        if isinstance(marker, Path):
            of_path.add(marker.error)
            functions += [marker.bind] if marker.bind else []
    return analysis.raised_by(*locate(*functions)) - {OF_PATH_PARAMETERS} | of_path


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_an_operation_declares_the_errors_that_its_code_can_raise(
    operation: Operation, analysis: Analysis
) -> None:
    raised = analysis.raised_by(*locate(operation.handler)) | errors_of_request(operation, analysis)
    if operation.scope:
        raised |= set(AUTHENTICATION_ERRORS)
    assert names(operation.errors - set(COMMON_ERRORS)) == names(raised)


def test_authentication_errors_are_those_that_its_middleware_can_respond_with(analysis: Analysis) -> None:
    raised = analysis.raised_by(*locate(authentication.identify_caller))
    assert names(raised) == names({*AUTHENTICATION_ERRORS, INVALID_PARAMETER})


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_a_route_doesnt_declare_what_every_operation_has_by_its_parameters_and_its_body(
    operation: Operation, analysis: Analysis
) -> None:
    by_itself = {*errors_of_request(operation, analysis), *COMMON_ERRORS, INVALID_PARAMETER}
    assert names(by_itself & set(operation.route_errors)) == set()
    assert len(operation.route_errors) == len(set(operation.route_errors))


def test_reading_the_arguments_raises_only_the_errors_of_parameters_and_bodies(analysis: Analysis) -> None:
    """What is read for each operation is listed in `errors_of_request`, because not every one has a body."""
    parts = locate(*READ_PARAMETERS, arguments.read_raw_body, arguments.read_json_body)
    assert analysis.raised_by(*locate(arguments.read_arguments)) == analysis.raised_by(*parts)


def test_common_errors_are_those_of_gateways_and_of_the_middleware() -> None:
    modules_that_respond = (host_check, response_middleware, router)
    responded = {kind for module in modules_that_respond for kind in named_in_responses(module)}
    assert METHOD_NOT_ALLOWED in responded
    general = responded - {METHOD_NOT_ALLOWED}
    assert names(general) == {"UNKNOWN_HOST", "INTERNAL_ERROR"}
    assert names(set(COMMON_ERRORS) - GATEWAYS - general) == set()
    assert names(general - set(COMMON_ERRORS)) == set()


def named_in_responses(module: Any) -> set[ErrorKind]:
    """Return the errors that a module's functions respond with instead of raising them."""
    kinds = {kind for kind in vars(module).values() if isinstance(kind, ErrorKind)}
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Call)]
    made = {ast.unparse(call.args[0]) for call in calls if ast.unparse(call.func) == "ServiceError" and call.args}
    return {kind for kind in kinds if NAMES[kind] in made}


def test_every_error_is_one_of_an_operation_or_of_every_request() -> None:
    declared = {kind for operation in OPERATIONS for kind in operation.errors}
    of_requests = {kind for kind in NAMES if not isinstance(kind, FileErrorKind)}
    assert names(of_requests - declared - GATEWAYS) == {NAMES[METHOD_NOT_ALLOWED], NAMES[UNHEALTHY]}, (
        "these two are responses of the middleware and of the health check"
    )


def documented_functions() -> list[Definition]:
    """Return the functions, and the ports, whose docstrings name the errors that they raise."""
    found = [
        Definition(module, name)
        for module in modules("chalicelib")
        if not module.startswith("chalicelib.migrations")
        for name in definitions(module)
    ]
    return [each for each in found if documented_errors(each)]


def documented_errors(definition: Definition) -> set[str]:
    node = definition.function or definition.class_node
    _, _, raises = (ast.get_docstring(node) or "" if node else "").partition("Raises ServiceError")
    return set(re.findall(r"\b[A-Z_]+\b", raises)) & set(NAMES.values())


@pytest.mark.parametrize("documented", documented_functions(), ids=lambda each: f"{each.module}.{each.name}")
def test_a_docstring_that_names_errors_names_what_can_be_raised(
    documented: Definition, analysis: Analysis
) -> None:
    raised = analysis.raised_by(*(implementations(documented) if documented.class_node else [documented]))
    of_requests = {kind for kind in raised if not isinstance(kind, FileErrorKind)}
    assert documented_errors(documented) == names(of_requests - {OF_PATH_PARAMETERS})


def implementations(port: Definition) -> list[Definition]:
    """Return the adapters' methods of a port."""
    found = (find_method(adapter, name) for adapter in find_adapters(port) for name in method_names(port))
    return [method for method in found if method]
