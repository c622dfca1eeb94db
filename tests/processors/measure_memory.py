"""Analyze a file in a process that does nothing else, to measure its memory."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

MAX_MEBIBYTES = 200
"""Of the process and its child together. In the function, boto3 and SQLAlchemy add some 50."""

_CODE = """
import resource, sys
from pathlib import Path
from chalicelib.core.errors import BadContentError
from chalicelib.processors.registry import analyze
from chalicelib.processors.sandbox.parent import SERVER
with open(sys.argv[1], "rb") as file:
    try:
        (ending,) = analyze(file, Path(sys.argv[1]).stat().st_size, sys.argv[2:]).result
    except BadContentError as error:
        ending = error.kind.code
SERVER.stop()
# A process's getrusage starts from its parent's peak; VmHWM doesn't.
status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
peak = status["VmHWM"].split()[0]
print(ending, (int(peak) + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024)
"""


def measure_memory(content: bytes, folder: Path, *declared_types: str) -> tuple[str, int]:
    """Analyze the file in a process of its own; return the processor's name or the error's code, and the peak
    memory in MiB."""
    file = folder / "file"
    file.write_bytes(content)
    run = subprocess.run(
        [sys.executable, "-c", _CODE, str(file), *declared_types],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    ending, memory = run.stdout.split()
    return ending, int(memory)
