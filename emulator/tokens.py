"""Create, list and revoke API tokens: `python -m emulator token create --owner alice`.

The app's function `manage` does it, called in this process with the data directory's PostgreSQL: that of the
emulator that is running on it, or one that is started for the moment. With `DATABASE_URL` set it is that database:
`python -m emulator.tokens` also runs in docker compose's container, which has no PostgreSQL of its own.
"""

import argparse
import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from emulator.app_import import import_app
from emulator.app_spec_reader import read_app_spec
from emulator.environment import clean_process_environment
from emulator.errors import EmulatorError
from emulator.log_format import TextFormat
from emulator.standard_streams import escape_unencodable_characters, print_error

FUNCTION = "manage"
PAGE = 1000
SECONDS = {"": 1, "s": 1, "m": 60, "h": 60 * 60, "d": 24 * 60 * 60}
COLUMNS = ("id", "owner", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at", "name")


def main(arguments: list[str] | None = None) -> int:
    """Print a new token alone, a list of tokens, or nothing. Return the exit code: 0, 1, or 2 for wrong usage."""
    options = _parse(arguments)
    escape_unencodable_characters()
    clean_process_environment()
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as log, _database(options.data_dir):
            lines = list(options.run(options))
    except EmulatorError as error:
        print_error(f"error: {error}")
        return 1
    _print_warnings(log.getvalue())
    for line in lines:
        print(line)  # noqa: T201  # a command-line program
    return 0


def _print_warnings(log: str) -> None:
    """Print the warnings of the app's log to stderr: they are its audit log."""
    text_format = TextFormat(colour=False)
    for line in log.splitlines():
        if '"level":"INFO"' not in line and (text := text_format.format(line)) is not None:
            print_error(text)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m emulator token", description="Manage API tokens.")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(metavar="create|list|revoke")
    create = commands.add_parser("create", help="create a token, and print it alone")
    create.add_argument("--owner", required=True, help="whose files it gives access to")
    create.add_argument(
        "--scope", action="append", help="read, write or admin; each includes those before it (write)"
    )
    create.add_argument("--name", help="what to call it in lists")
    create.add_argument("--expires-in", type=_seconds, metavar="TIME", help="such as 12h or 30d (never)")
    create.set_defaults(run=_create)
    listing = commands.add_parser("list", help="list tokens, the newest first, without the tokens themselves")
    listing.add_argument("--owner", help="only this owner's")
    listing.set_defaults(run=_list)
    revoke = commands.add_parser("revoke", help="revoke a token")
    revoke.add_argument("id", metavar="ID", help="as in the list")
    revoke.set_defaults(run=_revoke)
    for command in (create, listing, revoke):
        command.add_argument(
            "--data-dir", type=Path, metavar="DIR", help="the emulator's (the user's data directory)"
        )
    options = parser.parse_args(arguments)
    if options.run is None:
        parser.error("name one of create, list and revoke")
    return options


def _seconds(text: str) -> int:
    match = re.fullmatch(r"(\d{1,12})([smhd]?)", text, re.ASCII)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time: use seconds, or a number with s, m, h or d")
    return int(match[1]) * SECONDS[match[2]]


def _create(options: argparse.Namespace) -> Iterator[str]:
    event = {
        "owner": options.owner,
        "scopes": options.scope,
        "name": options.name,
        "expires_in": options.expires_in,
    }
    yield _manage("create_token", event)["token"]


def _list(options: argparse.Namespace) -> Iterator[str]:
    yield "\t".join(COLUMNS)
    before = None
    while page := _manage("list_tokens", {"owner": options.owner, "limit": PAGE, "before": before}):
        yield from ("\t".join(_cell(token[name]) for name in COLUMNS) for token in page)
        before = page[-1]["id"]


def _revoke(options: argparse.Namespace) -> Iterator[str]:
    _manage("revoke_token", {"id": options.id})
    yield from ()


def _cell(value: Any) -> str:
    return "-" if value is None else ",".join(value) if isinstance(value, list) else str(value)


def _manage(action: str, fields: dict[str, Any]) -> Any:
    given = {name: value for name, value in fields.items() if value is not None}
    return call_function(FUNCTION, {"action": action, **given})


class Context:
    """Lambda's context of a call in this process."""

    aws_request_id = "00000000-0000-4000-8000-000000000000"

    def __init__(self, function_name: str) -> None:
        self.function_name = function_name

    def get_remaining_time_in_millis(self) -> int:
        """Return a minute: nothing ends the call."""
        return 60_000


def call_function(name: str, event: dict[str, Any]) -> Any:
    """Return the result of one of the app's Lambda functions, called in this process. Raises EmulatorError."""
    app = import_app(warm_up=False)
    attributes = {function.name: function.attribute for function in read_app_spec(app).functions}
    if name not in attributes:
        raise EmulatorError(f"this app has no function `{name}`")
    try:
        return getattr(sys.modules["app"], attributes[name])(event, Context(name))
    except Exception as error:
        if getattr(error, "needs_traceback", True):
            raise
        raise EmulatorError(str(error)) from error


@contextmanager
def _database(directory: Path | None) -> Iterator[None]:
    """Let the app use the database of the data directory, which is migrated unless an emulator runs on it."""
    os.environ["AUTH"] = "required"  # which an app that is opened to other machines demands
    if os.environ.get("DATABASE_URL"):
        yield
        return
    # Docker compose's image doesn't have what these import.
    from emulator.default_directory import default_data_directory, require_data_directory
    from emulator.postgres_of_directory import postgres_of

    with postgres_of(require_data_directory(directory or default_data_directory())) as postgres:
        os.environ["DATABASE_URL"], os.environ["MIGRATION_DATABASE_URL"] = postgres.app_url, postgres.owner_url
        if postgres.is_own:
            call_function("migrate", {})
        yield


if __name__ == "__main__":
    sys.exit(main())
