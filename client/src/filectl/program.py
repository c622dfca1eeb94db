"""The program `filectl`: its commands, and how each way to end becomes a message and an exit status."""

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import click

from filectl.commands.get import get
from filectl.commands.login import login
from filectl.commands.logout import logout
from filectl.commands.ls import ls
from filectl.commands.rm import rm
from filectl.commands.show import show
from filectl.commands.tokens import token
from filectl.commands.upload import upload
from filectl.commands.usage import usage
from filectl.commands.watch import watch
from filectl.commands.whoami import whoami
from filectl.errors import (
    OutputClosedError,
    Problem,
    SignalError,
    describe_error,
)
from filectl.exit_statuses import MEANINGS, ExitStatus
from filectl.invocation import Invocation, common_options
from filectl.output import Output

TRACEBACK_VARIABLE = "FILECTL_TRACEBACK"
STATUSES = "\b\nExit status:\n" + "\n".join(f"{status:>5}  {meaning}" for status, meaning in MEANINGS.items())


@click.group(
    commands=[upload, ls, show, get, rm, watch, login, logout, whoami, token, usage],
    epilog=STATUSES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="file-loader-client", prog_name="filectl")
@common_options
def filectl() -> None:
    """Upload files to a file-loader service, and see what became of them.

    The service is given by --url, FILE_LOADER_URL, the configuration file, or the last login.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, and return the exit status."""
    _replace_closed_streams()
    invocation = Invocation()
    output = invocation.output
    output.as_json = "--json" in (sys.argv[1:] if arguments is None else arguments)  # also for wrong options
    _raise_on_signals()
    try:
        filectl.main(arguments, prog_name="filectl", standalone_mode=False, obj=invocation)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return ExitStatus.USAGE
    except click.ClickException as error:
        output.report(Problem(ExitStatus.USAGE, "usage", _describe_usage(error)))
    except SignalError as error:
        _end_now(error.status)
    except OutputClosedError:
        return ExitStatus.OUTPUT_CLOSED
    except Exception as error:  # noqa: BLE001  # a traceback says nothing to a user
        output.report(describe_error(error) or _describe_fault(error, output))
    return output.exit_status


def _describe_usage(error: click.ClickException) -> str:
    """Return the message with the command whose help has more."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else "filectl"
    return f"{error.format_message()} See: {command} --help"


def _describe_fault(error: Exception, output: Output) -> Problem:
    if os.environ.get(TRACEBACK_VARIABLE):
        sys.stderr.write(output.mask("".join(traceback.format_exception(error))))
    hint = f"Set {TRACEBACK_VARIABLE}=1 to see where."
    return Problem(
        ExitStatus.FAULT, "fault", f"This is a fault in filectl: {type(error).__name__}: {error}. {hint}"
    )


def _replace_closed_streams() -> None:
    """Print nothing where the caller has closed standard output or standard error, as `>&-` does."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115  # until the process ends
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115


def _raise_on_signals() -> None:
    """Have Ctrl-C and SIGTERM raise SignalError: the first one only."""

    def receive(number: int, _frame: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise SignalError(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as in the background of a script
            signal.signal(number, receive)


def _end_now(status: ExitStatus) -> None:
    """End at once: threads may still be sending a part, which can take minutes on a slow line."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)
