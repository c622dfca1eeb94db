"""The Python of the deployed functions, and the contenders' packages, all in build/bench.

Each is made once, and again when what it is made from changes.
"""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
BENCH = REPOSITORY / "build" / "bench"
CONTENDERS = Path(__file__).parent / "contenders"

LAMBDA_PYTHON = "3.12"
"""Of the deployed functions (.chalice/config.json and infra/packaging)."""


@cache
def lambda_python() -> Path:
    """Return a Python of the version that the functions run on if the machine has one, else the running one."""
    found = shutil.which(f"python{LAMBDA_PYTHON}")
    of_pyenv = sorted(Path.home().glob(f".pyenv/versions/{LAMBDA_PYTHON}.*/bin/python"))
    for python in [*([Path(found)] if found else []), *of_pyenv]:
        if python_version(python).startswith(f"{LAMBDA_PYTHON}."):
            return python
    return Path(sys.executable)


def python_version(python: Path) -> str:
    """Return the version of an executable; an empty string if it doesn't run, as a shim of pyenv may not."""
    command = [str(python), "-c", "import platform; print(platform.python_version())"]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return run.stdout.strip()


def made_once(name: str, *inputs: Path | str, make: Callable[[Path], None]) -> Path:
    """Return a folder in build/bench that `make` has filled from these inputs: files, or strings."""
    digest = hashlib.sha256()
    for part in inputs:
        digest.update(part.read_bytes() if isinstance(part, Path) else part.encode())
        digest.update(b"\0")
    folder = BENCH / f"{name}-{digest.hexdigest()[:12]}"
    if not folder.exists():
        print(f"making build/bench/{folder.name}", flush=True)
        incomplete = folder.with_name(f"{folder.name}.incomplete")
        shutil.rmtree(incomplete, ignore_errors=True)
        incomplete.mkdir(parents=True)
        make(incomplete)
        incomplete.rename(folder)
        for old in set(BENCH.glob(f"{name}-{'?' * 12}")) - {folder}:
            shutil.rmtree(old)
    return folder


def install(python: Path, *options: str) -> None:
    """Call pip with the packages to install. Only its errors are shown."""
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, *options], cwd=REPOSITORY, check=True)


def compile_folder(python: Path, folder: Path) -> None:
    """Compile all sources to bytecode that Python loads without looking at the source."""
    command = [str(python), "-m", "compileall", "-qq", "-f", "--invalidation-mode", "unchecked-hash", "."]
    subprocess.run(command, cwd=folder, check=False)  # a package may have a file of another Python


def contender_packages(name: str) -> Path:
    """Return the folder with the packages of a contender on Lambda, and its program."""
    requirements = CONTENDERS / f"requirements-{name}.txt"
    program = CONTENDERS / f"{name}_functions.py"

    def make(folder: Path) -> None:
        shutil.copy(program, folder)
        install(lambda_python(), "--no-compile", "--target", str(folder), "-r", str(requirements))
        compile_folder(lambda_python(), folder)

    return made_once(name, requirements, program, python_version(lambda_python()), make=make)


def django_python() -> Path:
    """Return the Python of the environment that has the packages of the Django service."""
    requirements = CONTENDERS / "requirements-django.txt"
    return _make_environment("django", Path(sys.executable), requirements, "-r", str(requirements))


def builder_python() -> Path:
    """Return a Python of the functions' version that can package: with Chalice and `packaging`."""
    pins = REPOSITORY / "constraints.txt"
    return _make_environment("builder", lambda_python(), pins, "chalice", "packaging", "-c", str(pins))


def _make_environment(name: str, python: Path, pins: Path, *packages: str) -> Path:
    """Return the Python of a virtual environment with these packages."""

    def make(folder: Path) -> None:
        subprocess.run([str(python), "-m", "venv", str(folder)], check=True)
        install(folder / "bin" / "python", *packages)

    return made_once(name, pins, python_version(python), make=make) / "bin" / "python"
