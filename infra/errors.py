"""What ends a command with a message instead of a trace."""


class InfraError(Exception):
    """Something the user can mend; the message says what."""
