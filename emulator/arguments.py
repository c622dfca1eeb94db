"""Types of command-line arguments."""

import argparse


def port_number(text: str) -> int:
    """Parse a TCP port, 0 for any free one. Raises ValueError or ArgumentTypeError, as argparse expects."""
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{port} is not a port: ports go from 0 to 65535")
    return port
