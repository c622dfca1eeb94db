"""The tokens that `filectl login` stores, one for each service, in a file that only its user can read."""

import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import urlsplit

from filectl.errors import UsageError

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Logins:
    """What is stored."""

    last_url: str | None = None
    """The service of the last login."""
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    """By the service's URL in its normal form."""


class StoredTokens:
    """The file of tokens. It is replaced as a whole, so that a crash leaves the one before."""

    def __init__(self, path: Path, warn: Callable[[str], None]) -> None:
        self.path = path
        self._warn = warn

    def load(self) -> Logins:
        """Return what is stored. Raises UsageError."""
        try:
            with self.path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                logins = _decode(json.load(file))
        except FileNotFoundError:
            return Logins()
        except OSError as error:
            raise UsageError(f"The tokens in {self.path} can't be read: {error.strerror}.") from None
        except (ValueError, TypeError, AttributeError):
            raise UsageError(f"{self.path} is damaged. Remove it, and run: filectl login") from None
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            self._warn(f"Other users can read the tokens in {self.path}. Run: chmod 600 {self.path}")
        return logins

    def find(self, url: str) -> str | None:
        """Return the token for a service."""
        return self.load().tokens.get(normal_url(url))

    def store(self, url: str, token: str | None) -> None:
        """Store the token for a service, if it needs one. The service is used when no other one is given."""
        new = {} if token is None else {normal_url(url): token}
        self._replace(Logins(url, self.load().tokens | new))

    def remove(self, url: str) -> bool:
        """Remove the token for a service. Return whether there was one."""
        logins = self.load()
        found = logins.tokens.pop(normal_url(url), None)
        if found is not None:
            self._replace(logins)
        return found is not None

    def _replace(self, logins: Logins) -> None:
        folder = self.path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = {"last_url": logins.last_url, "tokens": logins.tokens}
        with NamedTemporaryFile("w", dir=folder, prefix=".tokens-", delete=False) as file:  # with the mode 0600
            new = Path(file.name)
            try:
                json.dump(content, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                new.unlink()
                raise
        new.replace(self.path)


def _decode(content: Any) -> Logins:
    """Return what the file has. Raises TypeError."""
    logins = Logins(**content)
    texts = [logins.last_url or "", *logins.tokens.keys(), *logins.tokens.values()]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    return logins


def default_tokens_path() -> Path:
    """Return where the tokens are."""
    from platformdirs import user_config_path

    return user_config_path("file-loader") / "tokens.json"


def normal_url(url: str) -> str:
    """Return the URL in the form under which its token is stored. Other paths of a host are other services."""
    parts = urlsplit(url)
    port = "" if parts.port in {None, DEFAULT_PORTS.get(parts.scheme)} else f":{parts.port}"
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path.rstrip('/')}"
