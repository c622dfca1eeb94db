"""`python -m infra`: package, check, deploy or destroy the service on AWS or LocalStack."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra import doctor, renamed_settings
from infra.aws_session import create_session, format_aws_error
from infra.chalice_project import PROJECT_ROOT
from infra.deployment import Deployment
from infra.errors import InfraError
from infra.packaging.build import ARCHITECTURES, build_package, package_sizes
from infra.packaging.dependencies import describe_unsupported_python
from infra.stages import Stage
from infra.teardown import destroy

Command = Callable[[argparse.Namespace], None]


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 for an error, 2 for wrong usage, 130 for Ctrl-C."""
    options = _parser().parse_args(arguments)
    run: Command = options.run
    try:
        run(options)
    except InfraError as error:
        return _print_error(str(error))
    except (BotoCoreError, ClientError) as error:
        return _print_error(format_aws_error(error))
    except KeyboardInterrupt:
        return 130
    return 0


def package_command(options: argparse.Namespace) -> None:
    """Build the deployment packages."""
    if problem := describe_unsupported_python(sys.version_info[:2], "package"):
        raise InfraError(problem)
    for architecture in options.architecture or ARCHITECTURES:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        path = build_package(PROJECT_ROOT, architecture, options.to / f"file-loader-{version}-{architecture}.zip")
        zipped, unzipped = package_sizes(path)
        _print(f"{path}: {zipped:,} bytes, {unzipped:,} unzipped")


def doctor_command(options: argparse.Namespace) -> None:
    """Check a stage for what would fail in a deployment or after it."""
    stage = Stage.load(options.stage)
    renamed = renamed_settings.check_environment(os.environ)
    _raise_for_problems(chain(renamed, doctor.check_python(options.command), doctor.check_stage(stage)))
    if not options.offline:
        _raise_for_problems(doctor.check_account(create_session(), stage))
    _print(f"the stage {stage.name} can be deployed")


def deploy_command(options: argparse.Namespace) -> None:
    """Create or update everything."""
    doctor_command(options)
    url = _deployment(options).deploy()
    _print(f"ready {url}")
    _print(f"  try it: echo hello | curl -F 'file=@-;filename=hello.txt' {url}/api/upload/")
    _print(f"  in a browser: {url}/ (its API: {url}/api/docs)")


def destroy_command(options: argparse.Namespace) -> None:
    """Delete everything, except for a last snapshot of the database."""
    destroy(_deployment(options), options.confirm, delete_files=options.delete_files)
    _print(f"the stage {options.stage} is deleted")


def _raise_for_problems(problems: Iterator[str]) -> None:
    lines = list(problems)
    if lines:
        raise InfraError("\n  ".join(["the stage can't be deployed yet:", *lines]))


def _deployment(options: argparse.Namespace) -> Deployment:
    return Deployment(create_session(), Stage.load(options.stage), _print)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra", description=__doc__)
    add_command = partial(_add_command, parser.add_subparsers(dest="command", required=True))
    package = add_command("package", package_command)
    package.add_argument("--architecture", choices=ARCHITECTURES, action="append", help="default: both")
    package.add_argument("--to", type=Path, default=PROJECT_ROOT / "build" / "package", metavar="DIR")
    for name, run in (("doctor", doctor_command), ("deploy", deploy_command)):
        command = _add_stage_option(add_command(name, run))
        command.add_argument("--offline", action="store_true", help="don't check the account's quotas")
    destroying = _add_stage_option(add_command("destroy", destroy_command))
    destroying.add_argument("--confirm", default="", metavar="STAGE", help="the stage's name again, to confirm")
    destroying.add_argument("--delete-files", action="store_true", help="delete users' files in the bucket too")
    return parser


def _add_command(commands: Any, name: str, run: Command) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
    command.set_defaults(run=run)
    return command


def _add_stage_option(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    command.add_argument("--stage", default=os.environ.get("STAGE", "prod"), help="of infra/stages.toml (prod)")
    return command


def _print_error(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)  # noqa: T201  # a command line program
    return 1


def _print(line: str) -> None:
    # Flushed, because a deployment takes minutes.
    print(line, flush=True)  # noqa: T201  # a command line program


if __name__ == "__main__":
    sys.exit(main())
