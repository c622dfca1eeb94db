"""A new password for each connection."""

from typing import Protocol

PORT = 5432


class Auth(Protocol):
    """Generates passwords."""

    def password(self, host: str, port: int, user: str) -> str: ...
