"""Compiling the package before it is deployed, since a function can't keep what it compiles."""

import subprocess
import sys
from pathlib import Path

from infra.errors import InfraError

TASK_ROOT = "/var/task"
"""Where Lambda unpacks a package. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""


def compile_tree(tree: Path) -> None:
    """Compile every .py file below the folder to bytecode of the running Python, without optimization.

    Lambda's folder is read-only, so without this each cold start would compile all that it imports. The files are
    marked as unchecked: Python loads them without comparing the source's time and size, neither of which survives
    the zip. https://docs.python.org/3/reference/import.html#pyc-invalidation

    The sources are kept. Alembic finds its migrations by them, tracebacks show their lines, and a Python of
    another minor version, which can't use the bytecode, still runs.

    The bytecode depends on the sources only: it is compiled in a separate process, which shares no interned
    strings with this one, from the folder itself and with Lambda's path in it. Raises InfraError for a source that
    doesn't compile.
    """
    compiler = [sys.executable, "-P", "-S", "-m", "compileall", "-q", "-f"]  # -P: not this folder's modules
    run = subprocess.run(
        [*compiler, "--invalidation-mode", "unchecked-hash", "-d", TASK_ROOT, "."],
        cwd=tree,
        env={"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise InfraError(f"A source in the package doesn't compile:\n{run.stdout}{run.stderr}".rstrip())
