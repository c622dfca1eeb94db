"""The Lambda functions of the app, derived from the app object as Chalice does."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from chalice.app import Chalice

from infra.chalice_project import PROJECT_ROOT
from infra.stages import API_HANDLER


def load_app(project: Path = PROJECT_ROOT) -> Chalice:
    """Return the app object of a project's app.py, executed anew. `import app` returns the first imported."""
    spec = spec_from_file_location("loaded_app", project / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    app: Chalice = module.app
    return app


def function_names(app: Chalice | None = None) -> tuple[str, ...]:
    """Return the names of an app's functions as in Chalice's configuration; by default those of this project.

    https://github.com/aws/chalice/blob/1.34.0/chalice/deploy/appgraph.py
    """
    app = app or load_app()
    names = [source.name for source in app.event_sources]
    names += [function.name for function in app.pure_lambda_functions]
    names += [authorizer.name for authorizer in app.builtin_auth_handlers]
    return (API_HANDLER, *names)
