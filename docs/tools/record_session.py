"""Record the terminal session in docs/images/first-upload.svg, which the README shows.

It starts the emulator with an empty data directory, runs each command of SESSION in bash and draws its output:

    .venv/bin/python docs/tools/record_session.py

It needs curl and jq. `rich` draws the picture; import-linter brings it along.
"""

import io
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.text import Text

PORT = "8000"
URL = f"http://127.0.0.1:{PORT}"
PROJECT = Path(__file__).parents[2]
PICTURE = PROJECT / "docs" / "images" / "first-upload.svg"
COLUMNS = 112

SESSION = (
    f"curl -s -F file=@photo.jpg {URL}/api/upload/ | jq -c '{{id, name, size, status}}'",
    f"curl -s {URL}/api/files/ | jq -c '.[] | .status, .types.detected, .result.image'",
    f"curl -s {URL}/api/files/$ID/timeline |\n    jq -r '.[] | [.at, .type, .status] | @tsv'",
)


def main() -> None:
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    with tempfile.TemporaryDirectory() as directory:
        write_photo(Path(directory, "photo.jpg"))
        emulator = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "emulator",
                "--port",
                PORT,
                "--aws-port",
                "0",
                "--data-dir",
                f"{directory}/data",
            ],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            show(console, "make run", wait_until_ready(emulator))  # make runs the command above
            file_id = ""
            for command in SESSION:
                output = run(command, directory, file_id)
                file_id = file_id or re.findall(r'"id":"([^"]+)"', output)[0]
                show(console, command.replace("$ID", file_id), output)
                time.sleep(3)  # until it is processed
        finally:
            emulator.terminate()
            emulator.wait()
    console.save_svg(str(PICTURE), title="file-loader", code_format=template())
    print(PICTURE)


def write_photo(path: Path) -> None:
    """Write a JPEG with EXIF, as a camera does."""
    gradient = Image.radial_gradient("L").resize((3000, 2000))
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Fujifilm", "X100V"
    Image.merge(
        "RGB", (gradient, gradient.rotate(180), gradient.transpose(Image.Transpose.ROTATE_90).resize((3000, 2000)))
    ).save(path, exif=exif)


def wait_until_ready(emulator: subprocess.Popen[str]) -> str:
    """Return the line that says so."""
    assert emulator.stdout is not None
    for line in emulator.stdout:
        if line.startswith("ready"):
            return line.rstrip()
    raise SystemExit("the emulator didn't start")


def run(command: str, directory: str, file_id: str) -> str:
    return (
        subprocess.run(
            ["bash", "-c", command],  # noqa: S607
            cwd=directory,
            env=os.environ | {"ID": file_id},
            capture_output=True,
            text=True,
            check=True,
        )
        .stdout.expandtabs(12)
        .rstrip()
    )


def show(console: Console, command: str, output: str) -> None:
    console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
    console.print(Text(output, style="bright_black" if output.startswith("ready") else ""))
    console.print()


def template() -> str:
    """Return rich's SVG template without the web fonts: GitHub loads none for a picture."""
    from rich._export_format import CONSOLE_SVG_FORMAT

    return re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


if __name__ == "__main__":
    main()
