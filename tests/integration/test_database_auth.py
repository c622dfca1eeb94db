"""Connections with a password of their own."""

import os
from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

import boto3
import psycopg2
import pytest
from botocore.session import Session

from chalicelib.adapters.aws import credentials, signature
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.rds_auth import LIFETIME, RdsIamAuth
from chalicelib.core.errors import DATABASE_UNAVAILABLE, ServiceError
from chalicelib.migrations import runner
from emulator.postgres import APP_ROLE
from tests.conftest import empty_database


class Recorder:
    """Returns a password, and records for which user."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, int, str]] = []

    def password(self, host: str, port: int, user: str) -> str:
        self.requests.append((host, port, user))
        return "made for this connection"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the connections that psycopg2 opens say about themselves."""
    connections: list[Any] = []
    connect = psycopg2.connect

    def connect_and_record(**parameters: Any) -> Any:
        connection = connect(**parameters)
        info = connection.info
        connections.append(SimpleNamespace(host=info.host, password=info.password, parameters=info.dsn_parameters))
        return connection

    monkeypatch.setattr(psycopg2, "connect", connect_and_record)
    return connections


def test_every_new_connection_gets_a_new_password(database_url: str, opened: list[Any]) -> None:
    auth = Recorder()
    database = Database(database_url, auth=auth)
    for _ in range(2):
        database.read("SELECT 1")
        database.close()
    assert [connection.password for connection in opened] == ["made for this connection"] * 2
    assert auth.requests == [(opened[0].host, 5432, APP_ROLE)] * 2


def test_session_options_are_not_sent_to_an_rds_proxy(database_url: str, opened: list[Any]) -> None:
    """RDS Proxy accepts no `options`; the timeout is then the server's own."""
    for auth, options in ((None, "-c statement_timeout=10s -c work_mem=16MB -c jit=off"), (Recorder(), "")):
        database = Database(database_url, auth=auth)
        assert database.read("SELECT 1 AS one")[0].one == 1
        assert opened[-1].parameters.get("options") == options
        database.close()


def test_migrations_use_the_same_auth(postgres_url: str) -> None:
    auth = Recorder()
    with empty_database(postgres_url) as url:
        runner.upgrade(url, auth)
    assert len(auth.requests) == 1


def test_rds_token_equals_that_of_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a session/token+=")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    proxy = ("file-loader-prod.proxy-abc.eu-central-1.rds.amazonaws.com", 5432, "file_loader")
    client = boto3.session.Session().client("rds")
    for _ in range(5):  # the clock may tick between the two
        expected = client.generate_db_auth_token(*proxy)
        token = RdsIamAuth().password(*proxy)
        if token == expected:
            break
    assert token == expected
    assert f"X-Amz-Expires={LIFETIME}" in token


def test_host_is_signed_in_lower_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """RDS verifies the name that DNS knows; botocore signs it so, too."""
    monkeypatch.setattr(signature, "current_time", lambda: datetime(2026, 11, 28, tzinfo=UTC))
    auth = RdsIamAuth()
    assert auth.password("Proxy.Example", 5432, "Owner") == auth.password("proxy.example", 5432, "Owner")
    assert "DBUser=Owner" in auth.password("Proxy.Example", 5432, "Owner")


@pytest.mark.parametrize("missing", ["AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION"])
def test_without_what_signs_the_database_is_unavailable(
    missing: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(credentials, "_session", cache(Session))
    monkeypatch.delenv(missing)
    database = Database(database_url, auth=RdsIamAuth())
    with pytest.raises(ServiceError) as caught:
        database.read("SELECT 1")
    assert caught.value.kind is DATABASE_UNAVAILABLE
