"""The dependencies, as wheels that run on Lambda, whatever machine this is."""

import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.errors import InfraError

MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
"""Lambda's names of its architectures, and those of the wheels."""

AMAZON_LINUX_2023 = 34
"""The minor version of its glibc 2, which the wheels of the pinned versions ask for."""


def runtime_glibc(python: tuple[int, int] = sys.version_info[:2]) -> int:
    """Return the minor version of the C library (2.x) on Lambda's runtime for a Python, the one that runs this if
    none is given.

    Up to Python 3.11 that is Amazon Linux 2 with 2.26, from 3.12 on Amazon Linux 2023 with 2.34.
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
    https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html
    """
    return 26 if python < (3, 12) else AMAZON_LINUX_2023


def install(project: Path, target: Path, architecture: str, glibc: int) -> None:
    """Install what the project's requirements.txt names into the folder `target`, from the registries that pip is
    configured for.

    `glibc` is the highest minor version of glibc 2 that a wheel may ask for. Markers such as `sys_platform` are
    judged by pip for the machine that it runs on: build on Linux. Raises InfraError where a wheel is missing.
    """
    # pip takes each tag literally, without the older ones that it includes. manylinux2014 stands for the three
    # tags that have names instead of versions.
    machine = MACHINES[architecture]
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(glibc, 4, -1)] + [f"manylinux2014_{machine}"]
    pip = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"),
            *("--target", str(target), "--requirement", str(project / "requirements.txt")),
            *("--only-binary", ":all:", "--implementation", "cp", "--python-version", _version()),
            *(option for tag in tags for option in ("--platform", tag)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if pip.returncode:
        raise InfraError(_explanation(pip.stderr, architecture, glibc))


def refuse_what_is_not_pinned(constraints: Path, target: Path) -> None:
    """Raise InfraError if a distribution in the folder has a version that isn't pinned, since two builds could
    differ then."""
    lines = constraints.read_text().splitlines()
    pinned = [Requirement(line) for line in lines if line and not line.startswith("#")]
    pins = {(canonicalize_name(pin.name), str(pin.specifier)) for pin in pinned}
    installed = {(canonicalize_name(d.name), f"=={d.version}") for d in distributions(path=[str(target)])}
    if loose := sorted(name + version for name, version in installed - pins):
        raise InfraError(f"Not pinned in constraints.txt, run make pins: {', '.join(loose)}")


def _version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _explanation(stderr: str, architecture: str, glibc: int) -> str:
    errors = [line for line in stderr.splitlines() if line.startswith("ERROR:")] or stderr.splitlines()[-5:]
    message = f"pip has no dependencies for Python {_version()} on Lambda ({architecture}, glibc 2.{glibc}):\n"
    message += "\n".join(errors)
    if glibc < AMAZON_LINUX_2023:
        message += (
            "\nLambda has a newer glibc, which today's wheels ask for, from Python 3.12 on. Build with that or a"
            " newer one: make package PYTHON=python3.12 VENV=build/venv"
        )
    return message
