"""`python -m infra`: puts the service on AWS, or on LocalStack, and takes it down again."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra import doctor
from infra.chalice_project import SOURCE
from infra.deployment import Deployment
from infra.errors import InfraError
from infra.packaging.build import ARCHITECTURES, build_package, sizes
from infra.stages import Stage
from infra.teardown import destroy

Command = Callable[[argparse.Namespace], None]


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0, 1 when it can't go on, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    run: Command = options.run
    try:
        run(options)
    except (InfraError, BotoCoreError, ClientError) as fault:
        print(f"error: {fault}", file=sys.stderr)  # noqa: T201  # a command line program
        return 1
    return 0


def package(options: argparse.Namespace) -> None:
    """Build the packages that Lambda gets."""
    for architecture in options.architecture or ARCHITECTURES:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        built = build_package(SOURCE, architecture, options.to / f"file-loader-{version}-{architecture}.zip")
        zipped, unzipped = sizes(built)
        _say(f"{built}: {zipped:,} bytes, {unzipped:,} unzipped")


def examine(options: argparse.Namespace) -> None:
    """Look for what would go wrong after a deployment."""
    stage = Stage.load(options.stage)
    _refuse_if_any(chain(doctor.problems_of_python(), doctor.problems(stage)))
    if not options.offline:
        _refuse_if_any(doctor.problems_of_account(boto3.session.Session(), stage))
    _say(f"the stage {stage.name} can be deployed")


def deploy(options: argparse.Namespace) -> None:
    """Make or update everything."""
    examine(options)
    url = _deployment(options).deploy()
    _say(f"ready {url}")
    _say(f"  try it: echo hello | curl -F 'file=@-;filename=hello.txt' {url}/api/upload/")


def take_down(options: argparse.Namespace) -> None:
    """Delete everything; the database leaves a last snapshot."""
    destroy(_deployment(options), options.confirm, delete_files=options.delete_files)
    _say(f"the stage {options.stage} is gone")


def _refuse_if_any(problems: Iterator[str]) -> None:
    found = list(problems)
    if found:
        raise InfraError("\n  ".join(["this can't be deployed yet:", *found]))


def _deployment(options: argparse.Namespace) -> Deployment:
    session = boto3.session.Session()
    if session.region_name is None:
        raise InfraError("no region is set: say AWS_DEFAULT_REGION=… or name a profile in AWS_PROFILE")
    return Deployment(session, Stage.load(options.stage), _say)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra", description=__doc__)
    command = partial(_command, parser.add_subparsers(dest="command", required=True))
    packing = command("package", package)
    packing.add_argument("--architecture", choices=ARCHITECTURES, action="append", help="both unless said")
    packing.add_argument("--to", type=Path, default=SOURCE / "build" / "package", metavar="DIR")
    for name, run in (("doctor", examine), ("deploy", deploy)):
        staged = _with_stage(command(name, run))
        staged.add_argument("--offline", action="store_true", help="don't ask the account what it allows")
    destroying = _with_stage(command("destroy", take_down))
    destroying.add_argument("--confirm", default="", metavar="STAGE", help="the stage's name once more")
    destroying.add_argument("--delete-files", action="store_true", help="although users' files are in the bucket")
    return parser


def _command(commands: Any, name: str, run: Command) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
    made.set_defaults(run=run)
    return made


def _with_stage(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    command.add_argument("--stage", default=os.environ.get("STAGE", "prod"), help="of infra/stages.toml (prod)")
    return command


def _say(line: str) -> None:
    # At once: a deployment takes minutes.
    print(line, flush=True)  # noqa: T201  # a command line program


if __name__ == "__main__":
    sys.exit(main())
