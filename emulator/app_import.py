"""Importing the app of the current directory."""

import importlib
import sys
from typing import Any

from chalice.app import Chalice

from emulator.errors import EmulatorError


def import_app(*, warm_up: bool = True) -> Chalice:
    """Return the app object, and let the app build what its routes use unless `warm_up` is false.

    Raises EmulatorError for an invalid setting, and whatever else the import raises. An error whose
    `needs_traceback` is false has a message that is enough; the emulator doesn't import the app's classes.
    """
    try:
        app: Chalice = importlib.import_module("app").app
        if warm_up and (build := get_app_variable("warm_up", None)) is not None:
            build()
    except Exception as error:
        if getattr(error, "needs_traceback", True):
            raise
        raise EmulatorError(str(error)) from error
    return app


def get_app_variable(name: str, default: Any) -> Any:
    """Return a variable that app.py may have for a server with many threads, once it is imported.

    `warm_up` is called before the first request, and `warm_up_functions` before functions' processes are forked.
    `max_long_polls` is how many requests may wait at once. Web pages of `cors_origins` may read the server's own
    responses, and upload to the bucket.
    """
    return getattr(sys.modules["app"], name, default)
