"""The servers that a developer names with DATABASE_URL and AWS_ENDPOINT_URL: whether they respond."""

import os
import socket
import subprocess
from collections.abc import Mapping
from urllib.parse import urlsplit

from emulator.errors import EmulatorError
from emulator.postgres_programs import SUPERUSER, PostgresPrograms

CONNECT_SECONDS = 3


def check_external_servers(environ: Mapping[str, str]) -> None:
    """Raise EmulatorError if the environment names a server that doesn't respond."""
    if url := environ.get("DATABASE_URL"):
        _check_database(url)
    if url := environ.get("AWS_ENDPOINT_URL"):
        _check_aws_endpoint(url)


def _check_database(url: str) -> None:
    scheme, separator, rest = url.partition("://")
    if not separator or not scheme.startswith("postgres"):
        return  # the app says what is wrong with it
    without_password = "postgresql://" + rest.rpartition("@")[2]  # a process's arguments are public
    pg_isready = subprocess.run(
        [
            *(PostgresPrograms().folder / "pg_isready", f"--timeout={CONNECT_SECONDS}"),
            *(f"--dbname={without_password}", f"--username={SUPERUSER}"),
        ],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env=dict(os.environ) | {"LC_ALL": "C"},
        check=False,
    )
    if pg_isready.returncode not in {0, 1}:  # 1: it responds that it is starting
        reason = " ".join((pg_isready.stdout or pg_isready.stderr).split())
        raise EmulatorError(
            f"no PostgreSQL responds at DATABASE_URL ({reason}); start it, or unset DATABASE_URL to use the "
            "emulator's own"
        )


def _check_aws_endpoint(url: str) -> None:
    try:
        address = urlsplit(url)
        port = address.port or {"http": 80, "https": 443}[address.scheme]
        socket.create_connection((address.hostname or "", port), CONNECT_SECONDS).close()
    except (KeyError, ValueError):
        raise EmulatorError(f"AWS_ENDPOINT_URL must start with http:// or https://, got {url!r}") from None
    except OSError as error:
        raise EmulatorError(
            f"no server responds at AWS_ENDPOINT_URL {url} ({error}); start it, or unset AWS_ENDPOINT_URL to use "
            "the emulator's own"
        ) from None
