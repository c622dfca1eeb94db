"""Types of command-line arguments."""

import argparse
from pathlib import Path

from emulator.errors import EmulatorError

MAX_PORT = 65_535


def port_number(text: str) -> int:
    """Return a TCP port, 0 for any free one. Raises ArgumentTypeError, as argparse expects."""
    if not (text.isascii() and text.isdigit() and int(text) <= MAX_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: use 0 to {MAX_PORT}")
    return int(text)


def default_data_directory() -> Path | None:
    """Return the user's data directory; None if there is none, as for a user id without a home directory."""
    from platformdirs import user_data_dir  # which docker compose's image doesn't have

    try:
        return Path(user_data_dir("file-loader"))
    except RuntimeError:
        return None


def require_data_directory(chosen: Path | None) -> Path:
    """Return the chosen directory. Raises EmulatorError if there is none."""
    if chosen is None:
        raise EmulatorError("this user has no home directory; set HOME, or choose a directory with --data-dir")
    return chosen
