"""Run the app of the current directory on local AWS services: `python -m emulator`.

`python -m emulator.serve` serves only the routes, for docker compose.
"""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from platformdirs import user_data_dir

from chaos import spec
from chaos.session import ChaosSession
from emulator.arguments import port_number
from emulator.chaos_protocol import Chaos, NoChaos
from emulator.errors import EmulatorError
from emulator.log_format import GREEN, RED, TextFormat, wants_colour
from emulator.supervisor import Options, Output, Print, run


class StopRequested(Exception):  # noqa: N818  # not an error
    """SIGINT, SIGTERM or SIGHUP was received."""


class StopSignals:
    """Records a received signal until the next `pause`: it can't interrupt the start or stop of a process, which
    would then keep running."""

    def __init__(self) -> None:
        self._is_received = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._record)

    def pause(self, seconds: float) -> None:
        """Wait so many seconds. Raises StopRequested if a signal was received."""
        time.sleep(seconds)
        if self._is_received:
            raise StopRequested

    def _record(self, number: int, frame: object) -> None:  # noqa: ARG002  # the signature of signal.signal
        self._is_received = True


def main(arguments: list[str] | None = None) -> int:
    """Run until stopped. Return the exit code: 0 when stopped, 1 when it can't go on, 2 for wrong usage."""
    parsed = _parse(arguments)
    options = Options(
        parsed.port,
        parsed.aws_port,
        parsed.data_dir,
        parsed.fresh,
        parsed.postgres_templates,
        lambda directory, print_line: _start_chaos(parsed.chaos, directory, print_line),
    )
    try:
        run(options, StopSignals().pause, _output(parsed.log_format))
    except StopRequested:
        return 0
    except EmulatorError as error:
        label = TextFormat(colour=sys.stderr.isatty() and wants_colour()).paint("error:", RED)
        print(f"{label} {error}", file=sys.stderr)  # noqa: T201  # a command-line program
        return 1
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m emulator",
        description="Run the app of the current directory on local AWS services.",
        epilog="`python -m emulator.serve` serves only the routes, for docker compose.",
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
        default=Path(user_data_dir("file-loader")),
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


def _start_chaos(chaos_spec: spec.Spec | None, directory: Path, print_line: Print) -> Chaos:
    return ChaosSession(chaos_spec, os.environ, directory, print_line) if chaos_spec else NoChaos()


def _output(log_format: str | None) -> Output:
    is_terminal = sys.stdout.isatty()
    if (log_format or ("text" if is_terminal else "json")) == "json":
        return Output(_print, _print, formats_log=False)
    text_format = TextFormat(colour=is_terminal and wants_colour())

    def print_line(line: str) -> None:
        word, space, rest = line.partition(" ")
        _print(text_format.paint(word, GREEN) + space + rest if word in {"ready", "reloaded"} else line)

    def print_log(line: str) -> None:
        if (text := text_format.format(line)) is not None:
            _print(text)

    return Output(print_line, print_log, formats_log=True)


def _print(line: str) -> None:
    # In one write, because threads print too.
    print(f"{line}\n", end="", flush=True)  # noqa: T201  # a command-line program


if __name__ == "__main__":
    sys.exit(main())
