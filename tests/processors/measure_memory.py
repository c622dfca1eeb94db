"""Describing a file in a process that does nothing else, to measure its memory."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

MEMORY = 200
"""MiB of the process and its child together. In the function, boto3 and SQLAlchemy come on top, with some 50."""

_ALONE = """
import resource, sys
from pathlib import Path
from chalicelib.core.errors import BadContentError
from chalicelib.processors.registry import describe
from chalicelib.processors.sandbox.parent import SERVER
with open(sys.argv[1], "rb") as file:
    try:
        (told,) = describe(file, Path(sys.argv[1]).stat().st_size, sys.argv[2:]).result
    except BadContentError as fault:
        told = fault.kind.code
SERVER.stop()
# A process inherits the peak in its own getrusage from who started it; that of its memory begins anew.
status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
peak = status["VmHWM"].split()[0]
print(told, (int(peak) + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024)
"""


def alone(content: bytes, folder: Path, *claims: str) -> tuple[str, int]:
    """Describe the file in a process that does nothing else; return the processor or the error's code, and the
    most memory that was held, in MiB."""
    file = folder / "file"
    file.write_bytes(content)
    run = subprocess.run(
        [sys.executable, "-c", _ALONE, str(file), *claims],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    told, memory = run.stdout.split()
    return told, int(memory)
