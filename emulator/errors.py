"""The error that ends the emulator with one line instead of a traceback."""


class EmulatorError(Exception):
    """The emulator can't go on for a reason outside its code. The message says what is wrong and what to do."""
