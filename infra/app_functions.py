"""The Lambda functions of the app, derived from the app object as Chalice does."""

from importlib import import_module

from chalice.app import Chalice

from infra.stages import API_HANDLER


def load_app() -> Chalice:
    """Return this project's app object. Importing it reads the settings and configures logging."""
    app: Chalice = import_module("app").app
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
