"""The limit on open files, which the emulator's processes inherit."""

import resource

WANTED = 4_096
"""The HTTP server may hold 1,000 connections, and MiniStack as many. macOS allows a shell 256."""


def raise_open_files_limit() -> None:
    """Raise the limit to WANTED, or as far as it may be raised."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
