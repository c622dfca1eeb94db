"""Installing the dependencies as wheels for Lambda, on any machine."""

import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.errors import InfraError

WHEEL_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
"""Lambda's names of its architectures, and those in the names of wheels."""

REQUIRED_GLIBC = 34
"""The minor version of glibc 2 that the wheels of the pinned versions need: that of Amazon Linux 2023."""


def runtime_glibc(python: tuple[int, int] = sys.version_info[:2]) -> int:
    """Return the minor version of glibc 2 in Lambda's runtime for a version of Python, by default the running one.

    Up to Python 3.11 that is Amazon Linux 2 with 2.26, from 3.12 on Amazon Linux 2023 with 2.34.
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
    https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html
    """
    return 26 if python < (3, 12) else REQUIRED_GLIBC


def describe_unsupported_python(python: tuple[int, int], target: str) -> str | None:
    """Return why a version of Python can't build a package that runs on Lambda, None if it can.

    The package is for the Python that builds it: Chalice deploys to that version's runtime, the bytecode is its
    own, and pip evaluates markers for it. `target` is the make target to suggest.
    """
    if runtime_glibc(python) >= REQUIRED_GLIBC:
        return None
    return (
        f"Python 3.12 or newer is needed, but this is {python[0]}.{python[1]}: Lambda's runtime for it has glibc"
        f" 2.{runtime_glibc(python)}, and the pinned wheels need 2.{REQUIRED_GLIBC}."
        f" Run: make {target} PYTHON=python3.12 VENV=build/venv"
    )


def install_dependencies(project: Path, target: Path, architecture: str, glibc: int) -> None:
    """Install the project's requirements.txt into the folder `target`, from the registries that pip is configured
    for.

    `glibc` is the highest minor version of glibc 2 that a wheel may need. Markers such as `sys_platform` are
    evaluated by pip for the machine that it runs on: build on Linux. Raises InfraError when a wheel is missing.
    """
    # pip matches tags literally, without the older ones that they include. manylinux2014 represents the three tags
    # that have names instead of versions.
    machine = WHEEL_MACHINES[architecture]
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(glibc, 4, -1)] + [f"manylinux2014_{machine}"]
    pip = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"),
            *("--target", str(target), "--requirement", str(project / "requirements.txt")),
            *("--only-binary", ":all:", "--implementation", "cp", "--python-version", _python_version()),
            "--no-warn-conflicts",  # with what is installed beside pip, which isn't in the folder
            *(option for tag in tags for option in ("--platform", tag)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if pip.returncode:
        raise InfraError(_pip_error_message(pip.stderr, architecture, glibc))


def check_pins(constraints: Path, target: Path) -> None:
    """Raise InfraError if a distribution in the folder isn't pinned to its version: two builds could differ."""
    lines = constraints.read_text().splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    pins = {(canonicalize_name(pin.name), str(pin.specifier)) for pin in requirements}
    installed = {(canonicalize_name(d.name), f"=={d.version}") for d in distributions(path=[str(target)])}
    if unpinned := sorted(name + version for name, version in installed - pins):
        raise InfraError(f"Not pinned in constraints.txt: {', '.join(unpinned)}. Run: make pins")


def _python_version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _pip_error_message(stderr: str, architecture: str, glibc: int) -> str:
    errors = [line for line in stderr.splitlines() if line.startswith("ERROR:")] or stderr.splitlines()[-5:]
    runtime = f"Python {_python_version()} on Lambda ({architecture}, glibc 2.{glibc})"
    return f"pip can't install the dependencies for {runtime}:\n" + "\n".join(errors)
