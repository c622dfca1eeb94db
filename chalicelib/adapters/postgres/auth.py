"""A new password for each connection."""

from collections.abc import Mapping
from typing import Any, Protocol

PORT = 5432


class Auth(Protocol):
    """Generates passwords."""

    def password(self, host: str, port: int, user: str) -> str: ...


def generate_password(auth: Auth, parameters: Mapping[str, Any]) -> str:
    """Return a password for a connection with these parameters of libpq's."""
    return auth.password(parameters["host"], int(parameters.get("port") or PORT), parameters["user"])
