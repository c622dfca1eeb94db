"""Checks of commands without running them: their targets, options and names exist."""

import argparse
import os
import re
import shlex
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from unittest.mock import patch

import yaml
from botocore import xform_name
from botocore.session import get_session

from chalicelib import settings
from chaos.fault_log import FILE_NAME
from tests.pages.console_commands import PROJECT

OWN_PACKAGES = ("benchmarks", "chaos", "emulator", "infra", "tests", "web")
GLOBAL_AWS_OPTIONS = {"--cli-read-timeout", "--endpoint-url"}
"""Those that versions 1 and 2 of the aws command both have."""


class ArgumentsParsed(Exception):  # noqa: N818  # not an error
    """A program has parsed its arguments, and would begin now."""


def check_make(command: str) -> None:
    """Check that the target exists, that its recipe uses the variables, and the arguments of what it starts."""
    words = shlex.split(command)
    environment, words = words[: words.index("make")], words[words.index("make") :]
    names = {word.partition("=")[0] for word in environment}
    assert names <= {variable.name for variable in settings.variables().values()}, f"unknown setting in {command}"
    makefile = (PROJECT / "Makefile").read_text()
    for word in words[1:]:
        name, _, value = word.partition("=")
        assert not value or f"$({name})" in makefile, f"the Makefile has no variable {name}"
    recipe = subprocess.run(
        [*words, "--dry-run"],
        cwd=PROJECT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert recipe.returncode == 0, recipe.stderr
    for line in re.split(r"\n|\|\||&&|;", recipe.stdout.replace("\\\n", " ")):
        if re.search(rf"-m (?:{'|'.join(OWN_PACKAGES)})\b", line):
            check_python(line)


def check_python(command: str) -> None:
    """Check that the module of `python -m` accepts the arguments."""
    words = shlex.split(command)
    _, _, name, *arguments = words[words.index("-m") - 1 :]
    spec = find_spec(name)
    assert spec, f"{name} doesn't exist"
    if spec.submodule_search_locations:
        spec = find_spec(f"{name}.__main__")
        assert spec, f"{name} has no __main__"
    if "argparse" not in (PROJECT / str(spec.origin)).read_text():
        assert not arguments, f"{name} has no arguments"
        return
    with (
        patch.object(sys, "argv", [name, *arguments]),
        patch.object(argparse.ArgumentParser, "parse_args", _parse_and_stop),
    ):
        try:
            import_module(spec.name).main()
        except ArgumentsParsed:
            return
        except SystemExit as error:
            raise AssertionError(f"{name} rejects {arguments}") from error
    raise AssertionError(f"{name} has parsed no arguments")


_parse_args = argparse.ArgumentParser.parse_args


def _parse_and_stop(parser: argparse.ArgumentParser, arguments: list[str] | None = None) -> None:
    _parse_args(parser, arguments)
    raise ArgumentsParsed


def check_docker_compose(command: str) -> None:
    """Check that the services of a docker compose command exist."""
    _, _, _, *arguments = shlex.split(command)
    services = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]
    assert {word for word in arguments if not word.startswith("-")} <= services.keys()


def check_aws(command: str) -> None:
    """Check that an operation of AWS has the options, and that those that it needs are there."""
    _, service, operation_name, *arguments = shlex.split(command.partition("&&")[0])
    model = get_session().get_service_model("s3" if service == "s3api" else service)
    [name] = [name for name in model.operation_names if xform_name(name, "-") == operation_name]
    shape = model.operation_model(name).input_shape
    assert shape is not None
    options = {word for word in arguments if word.startswith("--")} - GLOBAL_AWS_OPTIONS
    assert options <= {f"--{xform_name(member, '-')}" for member in shape.members}
    assert {f"--{xform_name(member, '-')}" for member in shape.required_members} <= options


def check_pip(command: str) -> None:
    """Check that the package is one of this project's folders."""
    path = PROJECT / shlex.split(command)[-1]
    assert (path / "pyproject.toml").is_file(), f"{path} isn't a package"


def check_fault_log(command: str) -> None:
    """Check the name of the log of injected faults."""
    assert command.endswith(f"/file-loader/{FILE_NAME}")
