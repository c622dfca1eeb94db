"""Run the app of the current directory on local AWS services: `python -m emulator`.

`python -m emulator.serve` serves only the routes, for docker compose.
"""

import argparse
import errno
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from chaos import spec
from emulator.arguments import port_number
from emulator.chaos_protocol import Chaos, NoChaos
from emulator.default_directory import default_data_directory, require_data_directory
from emulator.environment import clean_process_environment
from emulator.errors import EmulatorError
from emulator.exit import skip_last_collection
from emulator.log_format import GREEN, RED, TextFormat, wants_colour
from emulator.open_files_limit import raise_open_files_limit
from emulator.run import Options, run
from emulator.standard_streams import (
    escape_unencodable_characters,
    open_missing_streams,
    print_error,
    print_line,
)
from emulator.supervisor import Output, Print

MACHINE_ERRORS = frozenset(
    {
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO),
        *(errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENAMETOOLONG),
    }
)
"""Errors of system calls that are a condition of the machine, not a bug that needs a traceback."""


class StopRequested(Exception):  # noqa: N818  # not an error
    """SIGINT, SIGTERM or SIGHUP was received, or the reader of the output is gone."""


class StopRequests:
    """Records a signal, or another request to stop, until the next `pause`: it can't interrupt the start or stop
    of a process, which would then keep running."""

    def __init__(self) -> None:
        self._is_requested = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._record)

    def request(self) -> None:
        """Let the next `pause` raise."""
        self._is_requested = True

    def pause(self, seconds: float) -> None:
        """Wait so many seconds. Raises StopRequested if a stop was requested."""
        time.sleep(seconds)
        if self._is_requested:
            raise StopRequested

    def _record(self, number: int, frame: object) -> None:  # noqa: ARG002  # the signature of signal.signal
        self.request()


def main(arguments: list[str] | None = None) -> int:
    """Run until stopped. Return the exit code: 0 when stopped, 1 when it can't go on, 2 for wrong usage."""
    arguments = sys.argv[1:] if arguments is None else arguments
    open_missing_streams()
    if arguments[:1] == ["token"]:
        from emulator import tokens  # it loads Chalice

        return tokens.main(arguments[1:])
    escape_unencodable_characters()
    parsed = _parse(arguments)
    clean_process_environment()
    stop_requests = StopRequests()
    try:
        raise_open_files_limit()
        run(_options(parsed), stop_requests.pause, _output(parsed.log_format, stop_requests.request))
    except StopRequested:
        return 0
    except EmulatorError as error:
        _print_error(str(error))
        return 1
    except OSError as error:
        if error.errno not in MACHINE_ERRORS:
            raise
        _print_error(f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror))
        return 1
    return 0


def _print_error(message: str) -> None:
    label = TextFormat(colour=sys.stderr.isatty() and wants_colour()).paint("error:", RED)
    print_error(f"{label} {message}")


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m emulator",
        description="Run the app of the current directory on local AWS services.",
        epilog="`python -m emulator token` manages API tokens. `python -m emulator.serve` serves only the "
        "routes, for docker compose.",
    )
    parser.add_argument(
        "--port", type=port_number, default=8000, help="port of the routes, 0 for any free one (%(default)s)"
    )
    parser.add_argument(
        "--aws-port",
        type=port_number,
        default=4566,
        help="port of S3 and the other AWS services, 0 for any free one (%(default)s)",
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=default_data_directory(),
        metavar="DIR",
        help="directory for all data that survives a restart (%(default)s)",
    )
    parser.add_argument("--fresh", action="store_true", help="delete the data first")
    parser.add_argument(
        "--log-format",
        choices=["text", "json"],
        help="text for people, without metrics, or JSON lines (text on a terminal, otherwise json)",
    )
    parser.add_argument(
        "--chaos",
        type=spec.parse,
        nargs="?",
        const="",
        metavar="NAME=VALUE,…",
        help=f"inject faults: {spec.HELP}",
    )
    parser.add_argument(
        "--postgres-templates",
        type=Path,
        metavar="DIR",
        help="keep an initialised PostgreSQL data directory in DIR and copy it, which starts faster (for tests)",
    )
    return parser.parse_args(arguments)


def _options(parsed: argparse.Namespace) -> Options:
    return Options(
        parsed.port,
        parsed.aws_port,
        require_data_directory(parsed.data_dir),
        parsed.fresh,
        parsed.postgres_templates,
        lambda directory, print_line: _start_chaos(parsed.chaos, directory, print_line),
    )


def _start_chaos(chaos_spec: spec.Spec | None, directory: Path, print_line: Print) -> Chaos:
    if not chaos_spec:
        return NoChaos()
    from chaos.session import ChaosSession  # it loads boto3

    return ChaosSession(chaos_spec, os.environ, directory, print_line)


def _output(log_format: str | None, on_broken_pipe: Callable[[], None]) -> Output:
    is_terminal = sys.stdout.isatty()

    def print_unchanged(line: str) -> None:
        print_line(line, on_broken_pipe)

    if (log_format or ("text" if is_terminal else "json")) == "json":
        return Output(print_unchanged, print_unchanged, formats_log=False)
    text_format = TextFormat(colour=is_terminal and wants_colour())

    def print_own(line: str) -> None:
        word, space, rest = line.partition(" ")
        is_good_news = word in {"ready", "reloaded"}
        print_unchanged(text_format.paint(word, GREEN) + space + rest if is_good_news else line)

    def print_log(line: str) -> None:
        if (text := text_format.format(line)) is not None:
            print_unchanged(text)

    return Output(print_own, print_log, formats_log=True)


if __name__ == "__main__":
    skip_last_collection()
    sys.exit(main())
