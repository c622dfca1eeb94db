"""Which service is used, and with which token: from options, the environment, or a configuration file."""

import os
import stat
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from filectl.errors import UsageError

URL_VARIABLE = "FILE_LOADER_URL"
TOKEN_VARIABLE = "FILE_LOADER_TOKEN"  # noqa: S105  # a variable's name
CONFIG_VARIABLE = "FILE_LOADER_CONFIG"
KEYS = ("url", "token")


@dataclass(frozen=True, slots=True)
class Connection:
    """A service and the token to send to it."""

    url: str
    token: str | None


@dataclass(frozen=True, slots=True)
class ConfigurationFile:
    """What the configuration file has."""

    path: Path
    url: str | None = None
    token: str | None = None


def default_path() -> Path:
    """Return where the configuration file is unless something else is said."""
    from platformdirs import user_config_path

    return user_config_path("file-loader") / "filectl.toml"


def find_connection(
    url: str | None,
    token: str | None,
    config: Path | None,
    environment: Mapping[str, str],
    warn: Callable[[str], None],
) -> Connection:
    """Return the service to use. `url`, `token` and `config` are the options, None where they aren't given.

    The token of the configuration file is sent only to the file's URL: another server must not get it.
    Raises UsageError.
    """
    file = _read_file(config, environment, warn)
    chosen_url = url or environment.get(URL_VARIABLE) or file.url
    if not chosen_url:
        raise UsageError(
            f'No URL of a service: give --url, set {URL_VARIABLE}, or write url = "https://…" into {file.path}.'
        )
    chosen_token = token or environment.get(TOKEN_VARIABLE)
    if not chosen_token and file.token:
        if file.url is None or _origin(file.url) == _origin(chosen_url):
            chosen_token = file.token
        else:
            warn(f"The token in {file.path} is for {file.url}; it isn't sent to {chosen_url}.")
    return Connection(_checked_url(chosen_url), _checked_token(chosen_token) if chosen_token else None)


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # such as a port that isn't a number
        is_usable = False
    if not is_usable or parts.query or parts.fragment:
        raise UsageError(f"{url!r} isn't the URL of a service, such as https://files.example.com.")
    if parts.username is not None:
        raise UsageError("The URL of the service can't have a user and a password: it needs a token instead.")
    return url


def _checked_token(token: str) -> str:
    """Return a token that a header can have. The message doesn't have the token: messages end up in logs."""
    if not all(" " <= char <= "~" for char in token):
        raise UsageError("The token has a line break or a character that isn't ASCII: is it whole?")
    return token


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _read_file(
    config: Path | None, environment: Mapping[str, str], warn: Callable[[str], None]
) -> ConfigurationFile:
    named = config or (Path(environment[CONFIG_VARIABLE]) if environment.get(CONFIG_VARIABLE) else None)
    path = named or default_path()
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            values = tomllib.load(file)
    except FileNotFoundError:
        if named:
            raise UsageError(f"There is no configuration file {path}.") from None
        return ConfigurationFile(path)
    except OSError as error:
        raise UsageError(f"The configuration file {path} can't be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} isn't a TOML file: {error}.") from None
    _check_keys(path, values)
    if values.get("token") and os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        warn(f"Other users can read the token in {path}. Run: chmod 600 {path}")
    return ConfigurationFile(path, **values)


def _check_keys(path: Path, values: Mapping[str, object]) -> None:
    for key, value in values.items():
        if key not in KEYS:
            close = get_close_matches(key, KEYS, 1)
            hint = f"Did you mean {close[0]!r}?" if close else f"It can have {' and '.join(KEYS)}."
            raise UsageError(f"{path} has an unknown key {key!r}. {hint}")
        if not isinstance(value, str):
            raise UsageError(f"{key} in {path} must be a string in quotation marks.")
