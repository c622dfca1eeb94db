"""Types of command-line arguments."""

import argparse

MAX_PORT = 65_535


def port_number(text: str) -> int:
    """Return a TCP port, 0 for any free one. Raises ArgumentTypeError, as argparse expects."""
    if not (text.isascii() and text.isdigit() and int(text) <= MAX_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: use 0 to {MAX_PORT}")
    return int(text)
