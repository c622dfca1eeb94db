"""The unpacked package of a checkout: what Lambda has in /var/task, with bytecode.

`python -m benchmarks.task_root dependencies|sources PROJECT FOLDER` runs on the Python of the functions. Both
steps together make what `infra.packaging.build` makes. They are two, so that a change of the sources doesn't
install everything anew.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.environments import BENCH, REPOSITORY, builder_python, made_once, python_version
from infra.packaging.build import copy_chalice_runtime, prune
from infra.packaging.bytecode import compile_tree
from infra.packaging.dependencies import REQUIRED_GLIBC, WHEEL_MACHINES, install_dependencies
from infra.packaging.description import write_description
from infra.packaging.sources import copy_app


def service_root(project: Path, name: str) -> Path:
    """Return the unpacked package of a checkout. Its sources are always those of now."""
    pins = [project / "requirements.txt", project / "constraints.txt"]
    build = REPOSITORY / "infra" / "packaging" / "file_filter.py"
    dependencies = made_once(
        f"dependencies-{name}",
        *pins,
        build,
        python_version(builder_python()),
        make=lambda folder: _run("dependencies", project, folder),
    )
    target = BENCH / f"package-{name}"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(dependencies, target, copy_function=os.link)
    _run("sources", project, target)
    return target


def _run(step: str, project: Path, folder: Path) -> None:
    command = [str(builder_python()), "-m", "benchmarks.task_root", step, str(project), str(folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True)


def install_into(project: Path, target: Path) -> None:
    """Install what the checkout's requirements.txt names, without what no function needs."""
    architecture = next(name for name, machine in WHEEL_MACHINES.items() if machine == platform.machine())
    install_dependencies(project, target, architecture, REQUIRED_GLIBC)
    copy_chalice_runtime(target)
    prune(target)
    compile_tree(target)


def add_sources(project: Path, target: Path) -> None:
    """Add the app, compiled, and its description."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder)
        copy_app(project, app)
        prune(app)
        compile_tree(app)
        shutil.copytree(app, target, dirs_exist_ok=True)
    write_description(target)


if __name__ == "__main__":
    _, step, project, folder = sys.argv
    {"dependencies": install_into, "sources": add_sources}[step](Path(project), Path(folder))
