"""Real parts: a PostgreSQL with an empty database for each test, and a MiniStack with a new bucket for each."""

import gc
import json
import logging
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import botocore.session
import pytest
from botocore.loaders import create_loader
from sqlalchemy import NullPool, create_engine, make_url, text

from chalicelib.migrations import runner
from emulator.environment import clean_process_environment
from emulator.exit import skip_last_collection
from tests.distribution import order_for_workers
from tests.postgres_templates import POSTGRES_TEMPLATES
from tests.reused_database import ReusedDatabase

if TYPE_CHECKING:
    from tests.acceptance.emulator_process import Emulator, ProtectedEmulator
    from tests.oidc.provider_server import Provider
    from tests.web_page_server import WebPageServer


SHARED_SERVERS = {"service_emulator", "protected_emulator", "browser"}
"""Fixtures that start what takes seconds to start, once in each worker that uses them."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect no garbage while the tests are collected, which takes a third longer with it: all of it stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        skip_last_collection()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each worker of pytest-xdist begin with its share of the slow tests."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = order_for_workers(items, _slow_seconds, _shares_servers, workers)


def _slow_seconds(item: pytest.Item) -> float:
    mark = item.get_closest_marker("slow")
    return float(mark.args[0]) if mark else 0.0


def _shares_servers(item: pytest.Item) -> bool:
    return not SHARED_SERVERS.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session", autouse=True)
def _environment() -> None:
    """The emulator's, whatever the developer's is: no real credentials, no proxy for servers on this machine."""
    for name in ("DATABASE_URL", "MIGRATION_DATABASE_URL", "AWS_ENDPOINT_URL", "PUBLIC_URL", "BUCKET"):
        os.environ.pop(name, None)
    clean_process_environment()


@pytest.fixture(autouse=True)
def undeclared_errors() -> Iterator[list[str]]:
    """The errors that routes have raised in this process without declaring them. A test that leaves some fails."""
    found: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]  # of this one only
    router = logging.getLogger("chalicelib.http.router")
    router.addHandler(handler)
    yield found
    router.removeHandler(handler)
    assert [message for message in found if "doesn't declare" in message] == []


@pytest.fixture(scope="session")
def built_pages() -> None:
    """The web pages, which `make test` has built before; others who run the tests may not have."""
    from web.build import build_outdated_pages

    build_outdated_pages(print)


@pytest.fixture(scope="session", autouse=True)
def _botocore_models() -> Iterator[None]:
    """Let botocore read its descriptions of AWS once. Each new session would parse these megabytes of JSON, which
    takes most of the time of many tests; the clients of one session share them as well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", cache(create_loader))
        yield


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of this session's own."""
    from emulator.postgres import EmbeddedPostgres

    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), POSTGRES_TEMPLATES) as server:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # no test crashes this machine
            _administer(server.url, f"ALTER SYSTEM SET {setting} = off")
        _administer(server.url, "SELECT pg_reload_conf()")
        yield server.url


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> str:
    """A database created by the real migrations: the template of the tests' databases."""
    _administer(postgres_url, "CREATE DATABASE template_files")
    runner.upgrade(_with_driver(postgres_url, "template_files"))
    return "template_files"


@pytest.fixture(scope="session")
def reused_database(postgres_url: str, template_database: str) -> Iterator[ReusedDatabase]:
    """The database that `database_url` gives to each test of this process."""
    database = ReusedDatabase(lambda: empty_database(postgres_url, template_database))
    yield database
    database.drop()


@pytest.fixture
def database_url(reused_database: ReusedDatabase) -> Iterator[str]:
    """A database for the test alone, migrated and empty, with the functions' role, which can't change tables."""
    from emulator.postgres import APP_ROLE

    with reused_database.lend() as url:
        yield make_url(url).set(username=APP_ROLE).render_as_string(hide_password=False)


@pytest.fixture
def owner_database_url(database_url: str, postgres_url: str) -> str:
    """The test's own database with the role that owns its tables."""
    owner = make_url(postgres_url).username
    return make_url(database_url).set(username=owner).render_as_string(hide_password=False)


@contextmanager
def empty_database(url: str, template: str = "template1") -> Iterator[str]:
    """Make a database on that server, drop it afterwards, and yield its URL."""
    name = f"test_{uuid4().hex}"
    # Copying the files takes half of the time of the default, which logs every page.
    _administer(url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield _with_driver(url, name)
    _administer(url, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(url: str, statement: str) -> None:
    engine = create_engine(_with_driver(url, "postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))


def _with_driver(url: str, database: str) -> str:
    changed = make_url(url).set(drivername="postgresql+psycopg2", database=database)
    return changed.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def ministack_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A MiniStack of this session's own."""
    from emulator.ministack import MiniStack

    with MiniStack(Path(tmp_path_factory.mktemp("ministack")), port=0) as server:
        yield server.url


@pytest.fixture(scope="session")
def cors_server() -> "Iterator[WebPageServer]":
    """The server of the web pages that may call the session's emulators."""
    from tests.web_page_server import run_web_page_server

    with run_web_page_server() as server:
        yield server


@pytest.fixture(scope="session")
def cors_origin(cors_server: "WebPageServer") -> str:
    """The origin of those web pages."""
    return cors_server.origin


@pytest.fixture(scope="session")
def service_emulator(tmp_path_factory: pytest.TempPathFactory, cors_origin: str) -> "Iterator[Emulator]":
    """An emulator of this project's own app."""
    from tests.acceptance.emulator_process import start_emulator

    variables = {
        "CORS_ORIGINS": f"{cors_origin} https://app.example",
        "OWNER_LIMITS": json.dumps(
            {
                "visitor": {"max_files": 1, "max_stored_bytes": 10**9, "allowed_types": ["image/*", "text/plain"]},
                "late-visitor": {"max_files_per_day": 0},
            }
        ),
    }
    with start_emulator(tmp_path_factory.mktemp("emulator") / "data", variables=variables) as running:
        yield running


@pytest.fixture(scope="session")
def oidc_provider() -> "Iterator[Provider]":
    """The provider whose tokens `protected_emulator` accepts."""
    from tests.oidc.provider_server import running_provider

    with running_provider() as provider:
        yield provider


@pytest.fixture(scope="session")
def protected_emulator(
    tmp_path_factory: pytest.TempPathFactory, cors_origin: str, oidc_provider: "Provider"
) -> "Iterator[ProtectedEmulator]":
    """An emulator with `AUTH=required`, and an administrator's token that was created before its first start."""
    from tests.acceptance.emulator_process import ProtectedEmulator, run_token_command, start_emulator

    data = tmp_path_factory.mktemp("protected") / "data"
    created = run_token_command(data, "create", "--owner", "operations", "--scope", "admin")
    assert created.returncode == 0, created.stderr
    variables = {
        "AUTH": "required",
        "CORS_ORIGINS": cors_origin,
        "MULTIPART_THRESHOLD_BYTES": "1000000",  # so that tests of uploads in parts are fast
        **oidc_provider.settings,
    }
    with start_emulator(data, variables=variables) as running:
        yield ProtectedEmulator(running, created.stdout.removesuffix("\n"))
