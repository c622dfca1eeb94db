"""`filectl watch`."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from filectl.errors import SignalError, describe_error
from filectl.exit_statuses import ExitStatus
from filectl.invocation import Invocation, common_options
from filectl.output import Column, Output
from filectl.text import local_time, printable, utc_time

if TYPE_CHECKING:
    from file_loader_client import Change, Client

COLUMNS = (
    Column("SEQ", 4, is_number=True),
    Column("TIME", 8),
    Column("CHANGE", 9),
    Column("ID", 36),
    Column("STATUS"),
)
PAUSE_SECONDS = 2.0
"""Between attempts to reach a service that doesn't respond."""


@click.command
@click.option(
    "--since",
    type=click.IntRange(min=0),
    metavar="SEQ",
    help="Begin after the change with this number; 0 for all changes. By default with those that come.",
)
@common_options
@click.pass_obj
def watch(invocation: Invocation, since: int | None) -> None:
    """Print the changes of all files as they come, until Ctrl-C.

    \b
    On a terminal, a table. Otherwise a line for each change, with tabs
    between: number, time, type, id of the file, status of the file.
    With --json, one line for each change as the service has it.

    It goes on after the service was not available. To continue later, give the last number as --since.
    """
    from file_loader_client import ServiceError

    output = invocation.output
    with invocation.connect() as client:
        last = _last_change(client) if since is None else since
        next(client.changes(last), None)  # a service that doesn't respond now is an error; later it is waited for
        try:
            for change in _follow(client, last, output):
                _write(output, change)
                last = change.seq
        except (SignalError, ServiceError) as error:
            if isinstance(error, SignalError):
                output.begin_line()
            output.warn(f"To continue from here: filectl watch --since {last}")
            raise


def _last_change(client: "Client") -> int:
    """Return the number of the last change that there is: the one with nothing after it."""

    def is_end(seq: int) -> bool:
        return next(client.changes(seq), None) is None

    low, high = -1, 0  # there is a change after low, none after high
    while not is_end(high):
        low, high = high, high * 2 + 1000
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_end(middle) else (middle, high)
    return high


def _follow(client: "Client", since: int, output: Output) -> "Iterator[Change]":
    """Yield the changes after that one as they come, also after failures of the service."""
    is_failing = False
    while True:
        try:
            for change in client.changes(since, follow=True):
                since = change.seq
                is_failing = False
                yield change
        except Exception as error:
            problem = describe_error(error)
            if problem is None or problem.status is not ExitStatus.SERVICE_FAILED or problem.refuses_token:
                raise
            if not is_failing:
                output.warn(f"{problem.message.rstrip('.')}. Trying again until it responds.")
            is_failing = True
            time.sleep(PAUSE_SECONDS)


def _write(output: Output, change: "Change") -> None:
    if output.as_json:
        return output.write_json(change)
    status = f"{change.status} ({change.error})" if change.error else change.status
    moment = local_time(change.at)[-8:] if output.is_table else utc_time(change.at)
    return output.write_row(COLUMNS, [str(change.seq), moment, change.type, change.id, printable(status)])
