"""Log in with a new password for each connection."""

from typing import Any, Protocol

from sqlalchemy import Engine, event

PORT = 5432


class Auth(Protocol):
    """Generates passwords."""

    def password(self, host: str, port: int, user: str) -> str: ...


def use_auth(auth: Auth, engine: Engine) -> None:
    """Let every connection that the engine opens use a new password from `auth`."""

    @event.listens_for(engine, "do_connect")
    def set_password(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        port = int(parameters.get("port") or PORT)
        parameters["password"] = auth.password(parameters["host"], port, parameters["user"])
