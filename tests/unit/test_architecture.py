"""Import rules without a contract in pyproject.toml: of app.py, which is in no package, and of the blueprints."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from app import app
from chalicelib.http.operation import Operation
from chalicelib.http.router import operations

ROOT = Path(__file__).parents[2]


def test_import_contracts_are_kept() -> None:
    lint_imports = Path(sys.executable).parent / "lint-imports"
    checked = subprocess.run([lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


BLUEPRINTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "chalicelib" / "http").rglob("*.py")
    if "= Router(" in path.read_text()
)
BLUEPRINTS_WITHOUT_USE_CASES = {
    "chalicelib/http/caller.py",
    "chalicelib/http/openapi/routes.py",
    "chalicelib/http/pages/docs_page.py",
    "chalicelib/http/pages/web_page.py",
    "chalicelib/http/sign_in.py",
}
"""They show the request's caller, the API itself or a setting, and no data."""

ALLOWED_IMPORTS = (
    "typing",
    "datetime",
    "msgspec",
    "uuid_utils.compat",
    "chalice.app",
    "chalicelib.core",
    "chalicelib.http",
)
"""And chalicelib itself, for the composition root: no adapter, and no library of an adapter."""


@pytest.mark.parametrize("path", ["app.py", *BLUEPRINTS])
def test_functions_of_app_and_blueprints_have_at_most_three_statements_and_no_adapter(path: str) -> None:
    """They import no adapter and no library of an adapter. A docstring isn't counted."""
    module = ast.parse((ROOT / path).read_text())
    imported = {node.module for node in ast.walk(module) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(module) if isinstance(node, ast.Import) for name in node.names}
    allowed = (*ALLOWED_IMPORTS, "chalicelib.settings") if path == "app.py" else ALLOWED_IMPORTS  # for doctor
    assert [name for name in imported if name != "chalicelib" and not str(name).startswith(allowed)] == []
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    assert [f.name for f in functions if len(f.body) - (ast.get_docstring(f) is not None) > 3] == []


def test_routes_are_in_blueprints_and_all_other_functions_in_app() -> None:
    """A blueprint's event handler would be deployed without app.py and its middleware (aws/chalice#1566)."""
    assert decorators("app.py") & {"route"} == set()
    assert {name for path in BLUEPRINTS for name in decorators(path)} == {"operation"}


@pytest.mark.parametrize("path", sorted({*BLUEPRINTS} - BLUEPRINTS_WITHOUT_USE_CASES))
def test_every_route_calls_one_use_case_and_no_port(path: str) -> None:
    module = ast.parse((ROOT / path).read_text())
    use_cases = {
        alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("chalicelib.core.")
        for alias in node.names
        if alias.name.islower()
    }
    for route in (node for node in module.body if isinstance(node, ast.FunctionDef)):
        calls = [node.func for node in ast.walk(route) if isinstance(node, ast.Call)]
        assert len([call for call in calls if isinstance(call, ast.Name) and call.id in use_cases]) == 1, (
            route.name
        )
        assert [ast.unparse(call) for call in calls if isinstance(getattr(call, "value", None), ast.Call)] == []


@pytest.mark.parametrize("path", BLUEPRINTS)
def test_routes_call_use_cases_and_no_port(path: str) -> None:
    """A route passes ports to a use case. Only settings are read from the composition root directly."""
    calls = [node.func for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.Call)]
    on_ports = [call for call in calls if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Call)]
    assert [name for call in on_ports if (name := ast.unparse(call)).startswith("container.")] == []


def test_every_route_is_an_operation() -> None:
    """Otherwise it would have no description. OPTIONS is described once for all paths."""
    undeclared = {
        (path, method)
        for path, methods in app.routes.items()
        for method, route in methods.items()
        if not hasattr(route.view_function, "operation")
    }
    assert undeclared == {(path, "OPTIONS") for path in app.routes}


OF_THE_REQUEST = {"current_request", "headers", "json_body", "query_params", "raw_body", "uri_params"}


@pytest.mark.parametrize("path", BLUEPRINTS)
def test_no_handler_reads_the_request(path: str) -> None:
    """What it needs of the request are its arguments."""
    nodes = list(ast.walk(ast.parse((ROOT / path).read_text())))
    assert {node.attr for node in nodes if isinstance(node, ast.Attribute)} & OF_THE_REQUEST == set()
    imported = {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert imported & {"Request", "Response"} == set()


@pytest.mark.parametrize("operation", operations(app), ids=lambda operation: operation.operation_id)
def test_handler_and_responses_say_what_they_are(operation: Operation) -> None:
    assert inspect.getdoc(operation.handler)
    assert len(operation.summary) <= 60
    assert inspect.getdoc(operation.handler).startswith(f"{operation.summary}.")  # type: ignore[union-attr]
    assert [each for each in operation.responses if not vars(each).get("__doc__")] == []


@pytest.mark.parametrize("layer", ["core", "http"])
def test_layers_that_every_start_loads_have_no_dataclasses(layer: str) -> None:
    """Python takes 0.6 ms to make a dataclass and 0.02 ms to make a msgspec Struct, and there are a hundred."""
    sources = (ROOT / "chalicelib" / layer).rglob("*.py")
    assert [path.name for path in sources if "dataclasses" in path.read_text()] == []


def decorators(path: str) -> set[str]:
    """Return the names of the module's decorators, without the object that they belong to."""
    functions = [
        node for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.FunctionDef)
    ]
    used = [
        ast.unparse(decorator).partition("(")[0] for function in functions for decorator in function.decorator_list
    ]
    return {name.rpartition(".")[2] for name in used}


READ_AWS_VARIABLES = {
    "chalicelib/adapters/aws/credentials.py",
    "chalicelib/adapters/s3/addresses.py",
    "chalicelib/adapters/s3/tls.py",
}
"""As boto3 does, whose variables these are, and no settings of the service."""


def test_only_the_composition_root_reads_settings_from_the_environment() -> None:
    sources = [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")]
    readers = {path.relative_to(ROOT).as_posix() for path in sources if "os.environ" in path.read_text()}
    assert readers - READ_AWS_VARIABLES == {"chalicelib/container.py"}, (
        "settings.from_environ reads every variable"
    )
