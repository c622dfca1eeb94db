"""The error that ends the build with a message instead of a traceback."""


class WebError(Exception):
    """A problem that the user can fix. The message says what is wrong and what to do."""
