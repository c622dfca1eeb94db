"""The Lambda functions of the app, derived from the app object as Chalice does."""

from collections.abc import Mapping
from importlib import import_module

from chalice.app import Chalice

from infra.errors import InfraError
from infra.stages import API_HANDLER


def load_app() -> Chalice:
    """Return this project's app object. Importing it reads the settings and configures logging.

    Raises InfraError for an invalid setting in the environment.
    """
    try:
        app: Chalice = import_module("app").app
    except Exception as error:
        if getattr(error, "needs_traceback", True):
            raise
        raise InfraError(str(error)) from error
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


def find_invalid_setting(variables: Mapping[str, str]) -> str | None:
    """Return why the app would not start with these environment variables, None if it would."""
    try:
        import_module("app").read_settings(variables)
    except Exception as error:
        if getattr(error, "needs_traceback", True):
            raise
        return str(error)
    return None
