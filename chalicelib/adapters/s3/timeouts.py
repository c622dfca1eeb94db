"""How long requests to S3 may take, and how often they are sent."""

from msgspec import Struct


class Timeouts(Struct, frozen=True):
    """In seconds."""

    connect: float
    read: float
    """Without a byte."""


OF_REQUESTS = Timeouts(connect=3, read=10)
OF_PROBES = Timeouts(connect=2, read=3)
"""Of health checks, which are not repeated."""

ATTEMPTS = 2
