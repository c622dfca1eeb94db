"""The emulator starts in an environment that is made for other servers. tests/unit/test_environment.py has each of
these variables by itself."""

import os
from pathlib import Path

import pytest

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import start_emulator

NOBODY_LISTENS = "http://127.0.0.1:9"
PROXIES = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy"), NOBODY_LISTENS)
AWS = {
    "AWS_PROFILE": "missing",
    "AWS_DEFAULTS_MODE": "odd",
    "AWS_SESSION_TOKEN": "real",
    "AWS_ENDPOINT_URL_S3": NOBODY_LISTENS,
    "AWS_CA_BUNDLE": "/missing.pem",
    "AWS_CONFIG_FILE": __file__,
    "AWS_SHARED_CREDENTIALS_FILE": __file__,
}
POSTGRES = {
    "PGSERVICE": "missing",
    "PGOPTIONS": "-c unknown=1",
    "PGHOST": "database.example",
    "PGSSLMODE": "verify-full",
    "PGDATA": "/missing",
}
MINISTACK = {"LAMBDA_EXECUTOR": "docker", "USE_SSL": "1", "MINISTACK_REGION": "eu-central-1"}
PYTHON = {"PYTHONSAFEPATH": "1", "PYTHONOPTIMIZE": "2", "PYTHONIOENCODING": "ascii", "PYTHONWARNINGS": "error"}
LOCALE = {"LC_ALL": "xx_YY.UTF-8", "LANG": "xx_YY", "TZ": "Mars/Olympus"}


@pytest.mark.slow(10)
def test_file_is_processed_whatever_the_environment_is_made_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "a temporary directory whose path is too long for a socket" / ("x" * 60)
    temporary.mkdir(parents=True)
    for name, value in (
        PROXIES | AWS | POSTGRES | MINISTACK | PYTHON | LOCALE | {"TMPDIR": str(temporary)}
    ).items():
        monkeypatch.setenv(name, value)
    for name in ("no_proxy", "NO_PROXY", "HOME"):
        monkeypatch.delenv(name, raising=False)
    umask = os.umask(0o077)
    try:
        # With templates of its own: initdb depends on the environment too.
        arguments = ("--log-format", "text", "--postgres-templates", str(tmp_path / "templates"))
        with start_emulator(tmp_path / "Ünï cødé, 'data' \"$x\" #?&%41", *arguments) as emulator:
            monkeypatch.undo()  # the client of this test isn't what is tested
            client = Client(emulator.url)
            file = client.wait_until_terminal(client.upload("Grüße 日本.txt", b"hello\n").id)
            assert file.status == "processed"
            assert client.download(file).content == b"hello\n"
    finally:
        os.umask(umask)
