"""Opening a connection to the database."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg2
from psycopg2.extensions import new_array_type, new_type, parse_dsn, register_adapter, register_type
from psycopg2.extras import NamedTupleCursor, UUID_adapter

from chalicelib.adapters.postgres.auth import Auth, generate_password

Connection = Any
"""psycopg2 has no types."""

CONNECT_TIMEOUT = 5
"""Seconds."""

STATEMENT_TIMEOUT = 10
"""Seconds, after which the server cancels a statement. Each one of this service takes milliseconds."""

CONNECTION = {
    "application_name": "file-loader",
    "connect_timeout": CONNECT_TIMEOUT,
    # Detect a server that is gone without closing its connections, which takes minutes to hours by default.
    "keepalives_idle": STATEMENT_TIMEOUT,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": STATEMENT_TIMEOUT * 1000,
}
"""https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS"""

WORK_MEM = "16MB"
"""Of memory, so that the files a search finds are remembered one by one. With the 4 MB of PostgreSQL's default, of
100,000 only the pages are, all of whose rows it then reads."""

SESSION = {"options": f"-c statement_timeout={STATEMENT_TIMEOUT}s -c work_mem={WORK_MEM} -c jit=off"}
"""RDS Proxy refuses these; there the database's parameter group sets the same (infra/templates/database.yaml).

The planner expects some searches of all owners' files to read everything, which they don't. With just-in-time
compilation PostgreSQL would compile each of them first. https://www.postgresql.org/docs/18/jit-decision.html"""


def _decode_uuid(value: str | None, _cursor: Any) -> UUID | None:
    return None if value is None else msgspec.convert(value, UUID)


def _decode_json(value: str | None, _cursor: Any) -> Any:
    return None if value is None else msgspec.json.decode(value)


def _decode_time(value: str | None, _cursor: Any) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


_UUID = new_type((2950,), "UUID", _decode_uuid)

TYPES = (
    _UUID,
    new_array_type((2951,), "UUID[]", _UUID),
    new_type((3802,), "JSONB", _decode_json),
    new_type((1184,), "TIMESTAMPTZ", _decode_time),  # in half of the time that psycopg2's own takes
)
"""How psycopg2 reads columns whose Python type isn't its default, or takes long to make, by their OID:
https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat"""

register_adapter(UUID, UUID_adapter)


def parse_url(url: str) -> dict[str, Any]:
    """Return the parameters of a connection that libpq reads from a URL. SQLAlchemy's names a driver.

    Raises ValueError, whose message has nothing of the URL: libpq's quotes the password.
    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
    """
    try:
        return dict(parse_dsn(url.replace("postgresql+psycopg2://", "postgresql://", 1)))
    except psycopg2.ProgrammingError:
        raise ValueError("libpq can't read it; special characters must be percent-encoded") from None


def open_connection(parameters: dict[str, Any], auth: Auth | None = None) -> Connection:
    """Return a new connection, each of whose statements commits by itself. The server isn't asked anything.

    With `auth` it goes to an RDS Proxy, and gets a password of its own. Raises psycopg2.OperationalError.
    """
    if auth:
        parameters = parameters | CONNECTION | {"password": generate_password(auth, parameters)}
    else:
        parameters = parameters | CONNECTION | SESSION
    connection = psycopg2.connect(cursor_factory=NamedTupleCursor, **parameters)
    connection.autocommit = True
    for each in TYPES:
        register_type(each, connection)
    return connection
