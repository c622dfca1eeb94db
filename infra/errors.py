"""The error that ends a command with a message instead of a traceback."""


class InfraError(Exception):
    """A problem that the user can fix. The message says what is wrong and what to do."""
