"""Where filectl finds the service and the token."""

from pathlib import Path

import pytest

from filectl.configuration import Connection, find_connection
from filectl.errors import UsageError
from filectl.stored_tokens import StoredTokens, default_tokens_path
from tests.filectl.command import Filectl

FILE_URL = "https://files.example"


@pytest.fixture
def config(user: Path) -> Path:
    """A configuration file that only its owner can read."""
    path = user / "config" / "file-loader" / "filectl.toml"
    path.parent.mkdir(parents=True)
    path.touch(mode=0o600)
    path.write_text(f'url = "{FILE_URL}"\n')
    return path


def find(url: str | None = None, config: Path | None = None, **environment: str) -> Connection:
    return find_connection(url, config, environment, stored_tokens())


def stored_tokens() -> StoredTokens:
    def fail(message: str) -> None:
        raise AssertionError(message)

    return StoredTokens(default_tokens_path(), fail)


@pytest.mark.usefixtures("config")
def test_the_file_is_in_the_users_configuration_folder() -> None:
    assert find() == Connection(FILE_URL, None)


@pytest.mark.usefixtures("config")
def test_the_option_comes_before_the_environment_which_comes_before_the_files() -> None:
    stored_tokens().store("http://login", "stored")
    stored_tokens().store(FILE_URL, "of-the-file")
    assert find(FILE_LOADER_URL="http://e", FILE_LOADER_TOKEN="e") == Connection("http://e", "e")
    assert find("http://login", FILE_LOADER_URL="http://e") == Connection("http://login", "stored")
    assert find(FILE_LOADER_TOKEN="e") == Connection(FILE_URL, "e")
    assert find() == Connection(FILE_URL, "of-the-file")


@pytest.mark.usefixtures("user")
def test_the_last_login_is_used_if_nothing_else_is_said() -> None:
    for url in ("http://a", "http://b"):
        stored_tokens().store(url, f"of-{url[-1]}")
    assert (find().url, find().token) == ("http://b", "of-b")


@pytest.mark.parametrize("url", [f"{FILE_URL}/v1/", f"{FILE_URL}:443/v1", "HTTPS://Files.Example/v1"])
@pytest.mark.usefixtures("user")
def test_a_stored_token_is_found_by_the_services_url_however_it_is_written(url: str) -> None:
    stored_tokens().store(f"{FILE_URL}/v1", "stored")
    assert find(url).token == "stored"


@pytest.mark.parametrize(
    "url",
    ["https://other.example/v1", "http://files.example/v1", f"{FILE_URL}:8443/v1", FILE_URL, f"{FILE_URL}/v2"],
)
@pytest.mark.usefixtures("user")
def test_a_stored_token_is_not_sent_to_another_service(url: str) -> None:
    stored_tokens().store(f"{FILE_URL}/v1", "stored")
    assert find(url) == Connection(url, None)


def test_a_connection_does_not_print_its_token() -> None:
    assert "secret" not in repr(Connection("http://a", "secret"))


def test_the_file_can_be_named(config: Path, tmp_path: Path) -> None:
    named = tmp_path / "named.toml"
    config.rename(named)
    with pytest.raises(UsageError, match="No URL of a service"):
        find()
    assert find(config=named).url == FILE_URL
    assert find(FILE_LOADER_CONFIG=str(named)).url == FILE_URL
    with pytest.raises(UsageError, match=r"no configuration file .*missing"):
        find(config=tmp_path / "missing")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ulr = 'http://a'", "unknown key 'ulr'. Did you mean 'url'?"),
        ("colour = 'red'", "unknown key 'colour'. It can have url."),
        ("token = 'flt_x'", "Remove the token from .*, and run: filectl login"),
        ("url = 8000", "url in .* must be a string"),
        ("url: http://a", "isn't a TOML file"),
        ("url = 'localhost:8000'", "'localhost:8000' isn't the URL of a service"),
        ("url = 'http://'", "isn't the URL of a service"),
        ("url = 'http://a:port'", "isn't the URL of a service"),
    ],
)
def test_a_wrong_file_is_a_usage_error(config: Path, text: str, message: str) -> None:
    config.write_text(text)
    with pytest.raises(UsageError, match=message):
        find()


def test_a_file_that_cannot_be_read_is_a_usage_error(config: Path) -> None:
    config.unlink()
    config.mkdir()
    with pytest.raises(UsageError, match="can't be read"):
        find()
    config.rmdir()
    config.write_bytes(b"url = '\xff'")
    with pytest.raises(UsageError, match="isn't a TOML file"):
        find()


def test_without_a_url_nothing_is_done(filectl: Filectl) -> None:
    result = filectl("ls")
    assert result.status == 2
    assert result.out == ""
    assert "give --url, set FILE_LOADER_URL, write url" in result.err
    assert "or run: filectl login URL" in result.err
    assert "/config/file-loader/filectl.toml" in result.err


@pytest.mark.parametrize("token", ["first\nsecond", "tök€n", "two words"])
@pytest.mark.usefixtures("user")
def test_a_token_that_no_header_can_have_is_a_usage_error_without_it(token: str) -> None:
    with pytest.raises(UsageError, match="isn't ASCII") as caught:
        find("http://service", FILE_LOADER_TOKEN=token)
    assert token not in str(caught.value)


@pytest.mark.parametrize("url", ["http://service/?page=1", "http://service/#top"])
def test_a_url_of_a_page_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError, match="isn't the URL of a service"):
        find(url)


def test_a_url_with_a_password_is_a_usage_error_without_it() -> None:
    with pytest.raises(UsageError, match="needs a token instead") as caught:
        find("http://user:secret@service")
    assert "secret" not in str(caught.value)
