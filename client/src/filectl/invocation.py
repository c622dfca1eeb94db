"""One call of `filectl`: the options that all commands have, and what the commands need."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from filectl.configuration import Connection, find_connection, find_url
from filectl.errors import describe_error
from filectl.output import Output
from filectl.stored_tokens import StoredTokens, default_tokens_path

if TYPE_CHECKING:
    from file_loader_client import Client

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass
class Invocation:
    """What the user has asked for, wherever in the command line the options stand."""

    url: str | None = None
    owner: str | None = None
    config: Path | None = None
    output: Output = field(default_factory=Output)

    @property
    def stored_tokens(self) -> StoredTokens:
        """The tokens of this user."""
        return StoredTokens(default_tokens_path(), self.output.warn)

    def find_url(self, url: str | None = None) -> str:
        """Return the URL of the service to use, which is `url` if it is given. Raises UsageError."""
        return find_url(url or self.url, self.config, os.environ, self.stored_tokens)

    def find_connection(self) -> Connection:
        """Return the service to use. Raises UsageError."""
        connection = find_connection(self.url, self.config, os.environ, self.stored_tokens)
        self.output.hide(connection.token)
        return connection

    @contextmanager
    def connect(self, connection: Connection | None = None) -> "Iterator[Client]":
        """Yield a client of the service."""
        from file_loader_client import Client

        connection = connection or self.find_connection()
        with Client(connection.url, connection.token, owner=self.owner) as client:
            yield client

    def try_each(self, names: tuple[str, ...], action: Callable[[str], None]) -> None:
        """Call the action for each name. One that fails is reported; the others follow, unless all would fail."""
        for name in names:
            try:
                action(name)
            except Exception as error:
                problem = describe_error(error)
                if problem is None or problem.refuses_token:
                    raise
                self.output.report(problem, name)


def common_options(command: Command) -> Command:
    """Add the options that all commands have. `filectl` has them too: they can stand before the command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Store an option that is given; one that isn't leaves the value from before the command."""
    if value is not None and parameter.name is not None:
        setattr(context.ensure_object(Invocation), parameter.name, value)


def _remember_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Invocation).output.as_json = True


_OPTIONS = (
    click.option(
        "--url",
        metavar="URL",
        expose_value=False,
        callback=_remember,
        help="The service, such as https://files.example.com.  [FILE_LOADER_URL]",
    ),
    click.option(
        "--owner",
        metavar="NAME",
        expose_value=False,
        callback=_remember,
        help="For administrators: act for this owner.",
    ),
    click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        expose_value=False,
        callback=_remember,
        help="The configuration file.  [FILE_LOADER_CONFIG]",
    ),
    click.option(
        "--json", is_flag=True, expose_value=False, callback=_remember_json, help="Print JSON, errors as well."
    ),
)
