"""The package of the client: what is in it, and that it works where only what it declares is installed."""

import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from file_loader_client.version import VERSION

CLIENT = Path(__file__).parents[2] / "client"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that pip builds of client/ as well."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    subprocess.run(command, cwd=CLIENT, check=True, capture_output=True)
    (path,) = target.iterdir()
    return path


@pytest.fixture(scope="module")
def requirements() -> list[Requirement]:
    project = tomllib.loads((CLIENT / "pyproject.toml").read_text())["project"]
    return [Requirement(line) for line in project["dependencies"]]


def test_the_version_is_stated_once_more_for_the_requests() -> None:
    assert tomllib.loads((CLIENT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_the_wheel_has_the_library_with_its_types_and_the_command(wheel: Path) -> None:
    with ZipFile(wheel) as content:
        names = set(content.namelist())
    assert {"file_loader_client/__init__.py", "file_loader_client/py.typed", "filectl/__main__.py"} <= names
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"file_loader_client", "filectl"}


def test_the_tested_versions_are_among_those_that_the_package_accepts(requirements: list[Requirement]) -> None:
    for requirement in requirements:
        assert requirement.specifier.contains(distribution(requirement.name).version), requirement


def test_it_works_with_what_it_declares_alone(
    wheel: Path, requirements: list[Requirement], tmp_path: Path
) -> None:
    venv.create(tmp_path, with_pip=False)
    python, *_ = (tmp_path / "bin").glob("python3")
    (packages,) = tmp_path.glob("lib/python*/site-packages")
    for needed in _with_dependencies(requirements):
        _link(needed, packages)
    with ZipFile(wheel) as content:
        content.extractall(packages)
    programs = {
        "library": ["-c", "from file_loader_client import Client; Client('https://files.example').close()"],
        "command": ["-m", "filectl", "upload", "--help"],
    }
    for name, arguments in programs.items():
        ended = subprocess.run([python, "-I", *arguments], capture_output=True, text=True, check=False)
        assert ended.returncode == 0, f"{name}: {ended.stderr}"


def _with_dependencies(requirements: list[Requirement]) -> Iterator[Distribution]:
    """Yield what is installed of the requirements and of what they need in turn."""
    for requirement in requirements:
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            found = distribution(requirement.name)
            yield found
            yield from _with_dependencies([Requirement(line) for line in found.requires or ()])


def _link(needed: Distribution, packages: Path) -> None:
    """Make a distribution's packages and modules available in another folder."""
    for name in {file.parts[0] for file in needed.files or ()} - {"..", "__pycache__"}:
        link = packages / name
        if not link.exists():
            link.symlink_to(Path(str(needed.locate_file(name))))
