"""Which service is used, and with which token: from options, the environment, or the user's files."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from filectl.errors import TOKEN_VARIABLE, UsageError
from filectl.stored_tokens import StoredTokens

URL_VARIABLE = "FILE_LOADER_URL"
CONFIG_VARIABLE = "FILE_LOADER_CONFIG"
KEYS = ("url",)


@dataclass(frozen=True, slots=True)
class Connection:
    """A service, and the token to send to it."""

    url: str
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ConfigurationFile:
    """What the configuration file has."""

    path: Path
    url: str | None = None


def default_path() -> Path:
    """Return where the configuration file is unless something else is said."""
    from platformdirs import user_config_path

    return user_config_path("file-loader") / "filectl.toml"


def find_url(url: str | None, config: Path | None, environment: Mapping[str, str], stored: StoredTokens) -> str:
    """Return the URL of the service to use. `url` and `config` are the options, None where they aren't given.

    Raises UsageError.
    """
    file = _read_file(config, environment)
    chosen = url or environment.get(URL_VARIABLE) or file.url or stored.load().last_url
    if not chosen:
        raise UsageError(
            f'No URL of a service: give --url, set {URL_VARIABLE}, write url = "https://…" into {file.path}, '
            "or run: filectl login URL"
        )
    return _checked_url(chosen)


def find_connection(
    url: str | None, config: Path | None, environment: Mapping[str, str], stored: StoredTokens
) -> Connection:
    """Return the service to use, and the token for it. Raises UsageError."""
    chosen = find_url(url, config, environment, stored)
    token = environment.get(TOKEN_VARIABLE) or stored.find(chosen)
    return Connection(chosen, check_token(token) if token else None)


def check_token(token: str) -> str:
    """Return a token that a header can have. The message doesn't have the token: messages end up in logs."""
    if not all(" " < char <= "~" for char in token):
        raise UsageError("The token has a space, a line break or a character that isn't ASCII: is it whole?")
    return token


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


def _read_file(config: Path | None, environment: Mapping[str, str]) -> ConfigurationFile:
    named = config or (Path(environment[CONFIG_VARIABLE]) if environment.get(CONFIG_VARIABLE) else None)
    path = named or default_path()
    try:
        with path.open("rb") as file:
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
    return ConfigurationFile(path, **values)


def _check_keys(path: Path, values: Mapping[str, object]) -> None:
    for key, value in values.items():
        if key == "token":
            raise UsageError(f"Remove the token from {path}, and run: filectl login. It stores tokens apart.")
        if key not in KEYS:
            close = get_close_matches(key, KEYS, 1)
            hint = f"Did you mean {close[0]!r}?" if close else f"It can have {' and '.join(KEYS)}."
            raise UsageError(f"{path} has an unknown key {key!r}. {hint}")
        if not isinstance(value, str):
            raise UsageError(f"{key} in {path} must be a string in quotation marks.")
