"""What MiniStack's process serves: MiniStack's application behind the request filter."""

from emulator.asgi import Application
from emulator.request_filter import RequestFilter


def create_application() -> RequestFilter:
    """Return the application, as hypercorn starts it."""
    return RequestFilter(import_ministack())


def import_ministack() -> Application:
    """Return MiniStack's own application. Its import reads settings from the environment."""
    from ministack.app import app

    application: Application = app
    return application
