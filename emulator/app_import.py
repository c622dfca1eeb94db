"""Importing the app of the current directory."""

import importlib

from chalice.app import Chalice

from emulator.errors import EmulatorError


def import_app() -> Chalice:
    """Return the app object. Raises EmulatorError for an invalid setting, and whatever else the import raises.

    An error whose `needs_traceback` is false has a message that is enough; the emulator doesn't import the app's
    classes.
    """
    try:
        app: Chalice = importlib.import_module("app").app
    except Exception as error:
        if getattr(error, "needs_traceback", True):
            raise
        raise EmulatorError(str(error)) from error
    return app
