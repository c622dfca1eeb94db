"""Connections with a password of their own."""

import boto3
import pytest
from sqlalchemy import select, text

from chalicelib.adapters.postgres import Database
from chalicelib.adapters.rds_auth import LIFETIME, RdsIamAuth
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


def test_every_new_connection_gets_a_new_password(database_url: str) -> None:
    auth = Recorder()
    database = Database(database_url, auth=auth)
    for _ in range(2):
        with database.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            assert driver.info.password == "made for this connection"
        database.engine.dispose()
    assert len(auth.requests) == 2
    host, port, user = auth.requests[0]
    assert (host, port, user) == (database.engine.url.query["host"], 5432, APP_ROLE)


def test_session_options_are_not_sent_to_an_rds_proxy(database_url: str) -> None:
    """RDS Proxy accepts no `options`; the timeout is then the server's own."""
    for auth, options in ((None, "-c statement_timeout=10s"), (Recorder(), "")):
        with Database(database_url, auth=auth).engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            assert driver.info.dsn_parameters.get("options") == options
            assert connection.execute(select(text("1"))).scalar_one() == 1


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
