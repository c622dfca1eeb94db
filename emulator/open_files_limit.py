"""The limit on open files, which the emulator's processes inherit."""

import resource

from emulator.errors import EmulatorError

WANTED = 4_096
"""The HTTP server may hold 1,000 connections, and MiniStack as many. macOS allows a shell 256."""

NEEDED = 128
"""With 64, a third of 200 uploads, 40 at once, got 503; with 128 none did."""


def raise_open_files_limit() -> None:
    """Raise the limit to WANTED, or as far as it may be raised. Raises EmulatorError if that isn't enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if wanted < NEEDED:
        raise EmulatorError(f"only {hard} open files are allowed, and {NEEDED} are needed: raise `ulimit -Hn`")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
