"""`make run` with DATABASE_URL or AWS_ENDPOINT_URL set, where nothing usable is there: one line, at once."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping

import pytest

from emulator.errors import EmulatorError
from emulator.external_servers import check_external_servers
from emulator.function_log_polling import FunctionLogPolling
from emulator.provisioner import Provisioner


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port on which nobody listens, and that nobody else gets."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_database_that_does_not_respond_is_named_without_its_password(scheme: str, unused_port: int) -> None:
    url = f"{scheme}://me:secret@127.0.0.1:{unused_port}/files"
    with pytest.raises(EmulatorError, match=rf"DATABASE_URL \(127.0.0.1:{unused_port} - no response\)") as raised:
        check_external_servers({"DATABASE_URL": url})
    assert "secret" not in str(raised.value)


def test_database_url_that_is_none_is_left_to_the_app() -> None:
    check_external_servers({"DATABASE_URL": "mysql://127.0.0.1/files"})


def test_aws_endpoint_that_does_not_respond_is_named(unused_port: int) -> None:
    url = f"http://127.0.0.1:{unused_port}"
    with pytest.raises(EmulatorError, match=rf"no server responds at AWS_ENDPOINT_URL {url} \(.*refused\)"):
        check_external_servers({"AWS_ENDPOINT_URL": url})


@pytest.mark.parametrize("url", ["localhost:4566", "4566", "http://127.0.0.1:none", "ftp://127.0.0.1"])
def test_aws_endpoint_that_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(EmulatorError, match="must start with http:// or https://"):
        check_external_servers({"AWS_ENDPOINT_URL": url})


def test_servers_that_respond_are_accepted(postgres_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
        check_external_servers({"DATABASE_URL": postgres_url, "AWS_ENDPOINT_URL": endpoint})


@pytest.mark.parametrize(
    "use",
    [
        lambda environment: Provisioner("http://127.0.0.1:9", environment),
        lambda environment: FunctionLogPolling("http://127.0.0.1:9", environment, print),
    ],
)
@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("AWS_PROFILE", "missing", r"The config profile \(missing\) could not be found"),
        ("AWS_DEFAULT_REGION", None, "You must specify a region"),
        ("AWS_DEFAULT_REGION", "no region!", "Provided region_name"),
    ],
)
def test_unusable_aws_configuration_is_one_line(
    name: str,
    value: str | None,
    reason: str,
    use: Callable[[Mapping[str, str]], object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(EmulatorError, match=rf"can't be used \({reason}.*\); set AWS_ACCESS_KEY_ID"):
        use(os.environ)
