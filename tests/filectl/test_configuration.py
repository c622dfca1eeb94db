"""Where filectl finds the service and the token."""

from pathlib import Path

import pytest

from filectl.configuration import Connection, find_connection
from filectl.errors import UsageError
from tests.filectl.command import Filectl

FILE_URL = "https://files.example"


@pytest.fixture
def config(user: Path) -> Path:
    """A configuration file that only its owner can read."""
    path = user / "config" / "file-loader" / "filectl.toml"
    path.parent.mkdir(parents=True)
    path.touch(mode=0o600)
    path.write_text(f'url = "{FILE_URL}"\ntoken = "from the file"\n')
    return path


def find(
    url: str | None = None, token: str | None = None, config: Path | None = None, **environment: str
) -> tuple[Connection, list[str]]:
    warnings: list[str] = []
    return find_connection(url, token, config, environment, warnings.append), warnings


@pytest.mark.usefixtures("config")
def test_the_file_is_in_the_users_configuration_folder() -> None:
    assert find() == (Connection(FILE_URL, "from the file"), [])


@pytest.mark.usefixtures("config")
def test_the_environment_comes_before_the_file_and_options_come_before_both() -> None:
    assert find(FILE_LOADER_URL="http://e", FILE_LOADER_TOKEN="e") == (Connection("http://e", "e"), [])
    assert find("http://o", "o", FILE_LOADER_URL="http://e", FILE_LOADER_TOKEN="e") == (
        Connection("http://o", "o"),
        [],
    )
    assert find(FILE_LOADER_TOKEN="e") == (Connection(FILE_URL, "e"), [])


@pytest.mark.usefixtures("config")
def test_the_files_token_is_not_sent_to_another_service() -> None:
    connection, [warning] = find("https://other.example")
    assert connection == Connection("https://other.example", None)
    assert FILE_URL in warning
    assert find(f"{FILE_URL}/prefix")[0].token == "from the file"


def test_a_file_without_url_has_the_token_of_any_service(config: Path) -> None:
    config.write_text('token = "t"')
    assert find("http://o")[0] == Connection("http://o", "t")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_token_that_others_can_read_is_warned_of(config: Path, mode: int) -> None:
    config.chmod(mode)
    connection, [warning] = find()
    assert connection.token == "from the file"
    assert f"chmod 600 {config}" in warning


def test_a_url_that_others_can_read_is_not_warned_of(config: Path) -> None:
    config.write_text(f'url = "{FILE_URL}"')
    config.chmod(0o644)
    assert find() == (Connection(FILE_URL, None), [])


def test_the_file_can_be_named(config: Path, tmp_path: Path) -> None:
    named = tmp_path / "named.toml"
    config.rename(named)
    with pytest.raises(UsageError, match="No URL of a service"):
        find()
    assert find(config=named)[0].url == FILE_URL
    assert find(FILE_LOADER_CONFIG=str(named))[0].url == FILE_URL
    with pytest.raises(UsageError, match=r"no configuration file .*missing"):
        find(config=tmp_path / "missing")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ulr = 'http://a'", "unknown key 'ulr'. Did you mean 'url'?"),
        ("colour = 'red'", "unknown key 'colour'. It can have url and token."),
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
    assert "give --url, set FILE_LOADER_URL, or write url" in result.err
    assert "/config/file-loader/filectl.toml" in result.err


@pytest.mark.parametrize("token", ["first\nsecond", "tök€n"])
def test_a_token_that_no_header_can_have_is_a_usage_error_without_it(token: str) -> None:
    with pytest.raises(UsageError, match="isn't ASCII") as caught:
        find("http://service", token)
    assert token not in str(caught.value)


@pytest.mark.parametrize("url", ["http://service/?page=1", "http://service/#top"])
def test_a_url_of_a_page_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError, match="isn't the URL of a service"):
        find(url)


def test_a_url_with_a_password_is_a_usage_error_without_it() -> None:
    with pytest.raises(UsageError, match="needs a token instead") as caught:
        find("http://user:secret@service")
    assert "secret" not in str(caught.value)
