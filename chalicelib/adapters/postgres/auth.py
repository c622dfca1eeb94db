"""Passwords that are made for each connection."""

from typing import Any, Protocol

from sqlalchemy import Engine, event

PORT = 5432


class Login(Protocol):
    """Knows the password of the moment."""

    def password(self, host: str, port: int, user: str) -> str: ...


def log_in_with(login: Login, engine: Engine) -> None:
    """Let every connection that the engine opens ask `login` for its password."""

    @event.listens_for(engine, "do_connect")
    def give_password(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        port = int(parameters.get("port") or PORT)
        parameters["password"] = login.password(parameters["host"], port, parameters["user"])
