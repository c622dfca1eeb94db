"""`python -m emulator`: runs the app of the current directory, with all that it needs."""

import argparse
import signal
import sys
import time
from pathlib import Path

from platformdirs import user_data_dir

from chaos import spec
from emulator.errors import EmulatorError
from emulator.supervisor import Options, run


class Stopped(Exception):  # noqa: N818  # nothing is wrong: somebody wants it to end
    """SIGINT, SIGTERM or SIGHUP came."""


class StopSignals:
    """Remembers that a signal came, so that a process that is just being started or stopped is never lost."""

    def __init__(self) -> None:
        self._came = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._remember)

    def pause(self, seconds: float) -> None:
        """Wait so many seconds. Raises Stopped if a signal has come."""
        time.sleep(seconds)
        if self._came:
            raise Stopped

    def _remember(self, number: int, frame: object) -> None:  # noqa: ARG002  # what signal.signal calls
        self._came = True


def main(arguments: list[str] | None = None) -> int:
    """Run until stopped. Returns the exit code: 0 when stopped, 1 when it can't go on, 2 for wrong usage."""
    options = _parse(arguments)
    try:
        run(options, StopSignals().pause, _say)
    except Stopped:
        return 0
    except EmulatorError as fault:
        print(f"error: {fault}", file=sys.stderr)  # noqa: T201  # a command line program
        return 1
    return 0


def _parse(arguments: list[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m emulator", description=__doc__)
    parser.add_argument(
        "--port", type=port_number, default=8000, help="where the routes are served, 0 for any (8000)"
    )
    parser.add_argument(
        "--aws-port", type=port_number, default=4566, help="where S3 and the others are, 0 for any (4566)"
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=Path(user_data_dir("file-loader")),
        metavar="DIR",
        help="what outlives a stop (%(default)s)",
    )
    parser.add_argument("--fresh", action="store_true", help="empty DIR first")
    parser.add_argument(
        "--chaos",
        type=spec.parse,
        nargs="?",
        const="",
        metavar="NAME=VALUE,…",
        help=f"break things on purpose: {spec.HELP}",
    )
    given = parser.parse_args(arguments)
    return Options(given.port, given.aws_port, given.data_dir, given.fresh, given.chaos)


def port_number(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{port} is no port, they go to 65535")
    return port


def _say(line: str) -> None:
    # In one write, for threads say things too.
    print(f"{line}\n", end="", flush=True)  # noqa: T201  # a command line program


if __name__ == "__main__":
    sys.exit(main())
