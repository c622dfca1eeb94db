"""What the emulator's processes keep of a developer's environment."""

import os
from urllib.request import proxy_bypass

import boto3
import pytest
from botocore.utils import get_environ_proxies

from emulator.environment import (
    CREDENTIALS,
    clean_environment,
    with_freed_memory_returned,
    without_ministack_settings,
)

PROXY = "http://proxy.example:3128"
LOOPBACK_URLS = ["http://127.0.0.1:4566/bucket", "http://localhost:4566", "http://[::1]:4566"]


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An empty environment of this process, to be filled by the test."""
    for name in list(os.environ):
        monkeypatch.delenv(name)
    return monkeypatch


def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    cleaned = clean_environment(os.environ)
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in cleaned.items():
        monkeypatch.setenv(name, value)


def test_a_developers_own_variables_are_kept() -> None:
    environ = {
        "PATH": "/bin",
        "HOME": "/home/me",
        "LOG_LEVEL": "DEBUG",
        "PYTHONPATH": "/lib",
        "LANG": "de_DE.UTF-8",
    }
    assert clean_environment(environ).items() >= environ.items()


def test_cleaning_twice_is_cleaning_once() -> None:
    once = clean_environment({"no_proxy": "intranet", "AWS_PROFILE": "work", "PGHOST": "db", "A": "1"})
    assert clean_environment(once) == once


@pytest.mark.parametrize(
    "name", ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
)
@pytest.mark.parametrize("url", LOOPBACK_URLS)
def test_no_proxy_is_used_for_this_machine(name: str, url: str, environ: pytest.MonkeyPatch) -> None:
    environ.setenv(name, PROXY)
    assert get_environ_proxies(url) != {}
    clean(environ)
    assert get_environ_proxies(url) == {}
    assert get_environ_proxies("http://example.com") != {}, "what leaves this machine may need the proxy"


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_exceptions_from_the_proxy_are_kept(name: str, environ: pytest.MonkeyPatch) -> None:
    environ.setenv("http_proxy", PROXY)
    environ.setenv(name, "intranet.example, 10.0.0.1")
    clean(environ)
    for host in ("intranet.example", "10.0.0.1", "127.0.0.1", "localhost"):
        assert proxy_bypass(host)
    assert not proxy_bypass("example.com")


def test_exceptions_for_all_hosts_stay_so() -> None:
    cleaned = clean_environment({"NO_PROXY": "*"})
    assert (cleaned["NO_PROXY"], cleaned["no_proxy"]) == ("*", "*")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_PROFILE", "missing"),
        ("AWS_DEFAULT_PROFILE", "missing"),
        ("AWS_CONFIG_FILE", __file__),
        ("AWS_SHARED_CREDENTIALS_FILE", __file__),
        ("AWS_DEFAULTS_MODE", "odd"),
        ("AWS_MAX_ATTEMPTS", "many"),
        ("AWS_REQUEST_CHECKSUM_CALCULATION", "odd"),
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9"),
        ("AWS_SESSION_TOKEN", "real"),
        ("AWS_ACCESS_KEY_ID", "real"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_CA_BUNDLE", "/missing.pem"),
        ("AWS_USE_FIPS_ENDPOINT", "true"),
    ],
)
def test_real_aws_settings_reach_no_client(name: str, value: str, environ: pytest.MonkeyPatch) -> None:
    environ.setenv(name, value)
    clean(environ)
    assert {name: value for name, value in os.environ.items() if name.startswith("AWS_")} == CREDENTIALS
    session = boto3.session.Session()
    client = session.client("s3")
    credentials = session.get_credentials()
    assert credentials is not None
    assert (credentials.access_key, credentials.secret_key, credentials.token) == ("test", "test", None)
    assert client.meta.region_name == "us-east-1"


def test_broken_aws_files_in_the_home_directory_are_not_read(
    environ: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / ".aws").mkdir()
    for name in ("config", "credentials"):
        (home / ".aws" / name).write_text("this isn't [a configuration\n")
    environ.setenv("HOME", str(home))
    clean(environ)
    boto3.session.Session().client("s3")


def test_settings_of_a_server_that_the_developer_names_are_kept() -> None:
    aws = {"AWS_ENDPOINT_URL": "http://localstack:4566", "AWS_ACCESS_KEY_ID": "mine", "AWS_PROFILE": "work"}
    database = {"DATABASE_URL": "postgresql://db/files", "PGSSLMODE": "verify-full", "PGPASSFILE": "/pgpass"}
    assert clean_environment(aws | {"PGHOST": "x"}).items() >= aws.items()
    assert "PGHOST" not in clean_environment(aws | {"PGHOST": "x"})
    assert clean_environment(database | {"AWS_PROFILE": "x"}).items() >= database.items()
    assert "AWS_PROFILE" not in clean_environment(database | {"AWS_PROFILE": "x"})


@pytest.mark.parametrize(
    "name", ["PGSERVICE", "PGOPTIONS", "PGHOST", "PGPORT", "PGUSER", "PGPASSFILE", "PGSSLMODE", "PGDATA", "PGTZ"]
)
def test_defaults_of_postgresqls_programs_are_removed(name: str) -> None:
    assert name not in clean_environment({name: "odd"})


@pytest.mark.parametrize("name", ["PYTHONSAFEPATH", "PYTHONINSPECT", "PYTHONOPTIMIZE"])
def test_child_processes_find_their_modules_end_and_have_docstrings(name: str) -> None:
    assert name not in clean_environment({name: "1"})


def test_memory_is_returned_unless_the_environment_says_otherwise() -> None:
    environment = with_freed_memory_returned({"MALLOC_TRIM_THRESHOLD_": "1", "FLAVOUR": "vanilla"})
    assert environment == {
        "MALLOC_MMAP_THRESHOLD_": "131072",
        "MALLOC_TRIM_THRESHOLD_": "1",
        "FLAVOUR": "vanilla",
    }


def test_ministack_gets_no_settings_meant_for_another() -> None:
    settings = {
        "LAMBDA_EXECUTOR": "docker",
        "USE_SSL": "1",
        "MINISTACK_REGION": "x",
        "LOCALSTACK_PERSISTENCE": "1",
    }
    assert without_ministack_settings(settings | {"AUTH": "true", "FLAVOUR": "vanilla"}) == {"FLAVOUR": "vanilla"}
