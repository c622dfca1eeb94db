"""What ends the emulator with one line instead of a traceback."""


class EmulatorError(Exception):
    """Something outside the emulator's code is in the way; the message says what, and what to do."""
