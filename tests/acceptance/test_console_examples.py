"""The commands in the console blocks of the Markdown pages do what the pages say.

One bash runs the commands of a page one after the other, in a folder that has what the pages tell the reader to
have: `$URL`, `$ID` of a processed file, `$UPLOAD_ID` of an upload in parts, the files below and `.venv`; of an
upload from Uppy whose first part has arrived `$S3_UPLOAD_ID`, `$KEY` and `$ETAG`; of an API token
`$TOKEN` and `$TOKEN_ID`.
Those in `tests/pages/other_commands.py` are left out. A command fails where its last part fails, curl also at an
HTTP error, unless the page prints it.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from emulator.environment import CREDENTIALS
from tests.acceptance.client import Client
from tests.acceptance.emulator_process import REPOSITORY, Emulator
from tests.pages.addresses import replace_addresses
from tests.pages.console_commands import PAGES, Command, console_blocks, console_commands, page_name
from tests.pages.expected_output import matches
from tests.pages.other_commands import find_other_command
from tests.processors.sample_files import make_image

FILES = {
    "photo.jpg": make_image("JPEG"),
    "font.ttf": b"\0\1\0\0\0\x0a\0\x80\0\3\0\x20" + b"\0" * 60,
}
SERVICE_URL = "http://127.0.0.1:8000"
AWS_URL = "http://127.0.0.1:4566"
HTTP_ERROR = 22
"""The exit code of `curl --fail-with-body`."""
ERROR_RESPONSE = re.compile(r'"error": ?"|^HTTP/\S+ [45]', re.MULTILINE)


def is_run(command: Command) -> bool:
    return find_other_command(command.text) is None


@pytest.fixture(scope="session")
def required_programs() -> None:
    """Skip the test where the programs that the pages use are missing; in CI that is a failure."""
    missing = [program for program in ("curl", "jq", "aws") if shutil.which(program) is None]
    message = f"install {' and '.join(missing)}: the console examples were NOT tested"
    if missing and os.environ.get("CI"):
        pytest.fail(message)
    if missing:
        pytest.skip(message)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with what the pages tell the reader to have."""
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / ".curlrc").write_text("fail-with-body\nsilent\n")
    return tmp_path


@pytest.mark.usefixtures("required_programs")
@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(map(is_run, console_commands(page)))], ids=page_name
)
def test_console_examples_do_what_the_page_says(page: Path, folder: Path, service_emulator: Emulator) -> None:
    addresses = {SERVICE_URL: service_emulator.url, AWS_URL: service_emulator.aws_url}
    text = replace_addresses(page.read_text(), addresses)
    blocks = [list(filter(is_run, block)) for block in console_blocks(text)]
    commands = [command for block in blocks for command in block]
    outputs, rest = run_in_bash(script(blocks, Client(service_emulator.url)), folder, service_emulator.url)
    assert len(outputs) == len(commands), f"bash ended at {commands[len(outputs)].text}:\n{rest}"
    for command, (exit_code, output) in zip(commands, outputs, strict=True):
        place = f"{page_name(page)}:{command.line}: {command.text}"
        is_expected = exit_code == (HTTP_ERROR if ERROR_RESPONSE.search(command.output) else 0)
        assert is_expected, f"{place}\nended with {exit_code}:\n{output}"
        assert not command.output or matches(command.output, output), f"{place}\nprints:\n{output}"


def script(blocks: list[list[Command]], client: Client) -> str:
    """Return the commands, each followed by the end of its output with its exit code.

    Where a page uses `$ID` before one of its own commands sets it, each block gets another file.
    """
    lines = ["set -uo pipefail"]
    has_own_id = False
    for block in blocks:
        if not has_own_id and any("$ID" in command.text for command in block):
            lines.append(f"ID={processed_photo(client)}")
        if any("$KEY" in command.text for command in block):
            lines += upload_of_uppy(client)
        if any("$UPLOAD_ID" in command.text for command in block):
            lines.append(f"UPLOAD_ID={upload_in_parts(client)}")
        if any("$TOKEN" in command.text for command in block):
            lines += api_token(client)
        for command in block:
            has_own_id = has_own_id or command.text.startswith("ID=")
            lines += [command.text, r"printf '\36%d\35' $?"]
    return "\n".join(lines)


def processed_photo(client: Client) -> str:
    file = client.upload("photo.jpg", FILES["photo.jpg"], "image/jpeg")
    return str(client.wait_until_terminal(file.id).id)


def upload_of_uppy(client: Client) -> list[str]:
    """Return the commands that set the variables of an upload whose first part has arrived."""
    new = client.request("POST", "/s3/multipart", json={"filename": "film.mp4"}).json()
    part = client.request("GET", f"/s3/multipart/{new['uploadId']}/1?key={new['key']}").json()
    etag = requests.put(part["url"], b"film", timeout=30).headers["ETag"].strip('"')
    return [f"S3_UPLOAD_ID={new['uploadId']}", f"KEY={new['key']}", f"ETAG={etag}"]


def upload_in_parts(client: Client) -> str:
    created = client.request("POST", "/api/uploads", json={"name": "film.mp4", "size": 100_000_000})
    return str(created.json()["id"])


def api_token(client: Client) -> list[str]:
    """Return the commands that set the variables of a new API token."""
    created = client.request("POST", "/api/tokens", json={"name": "laptop"}).json()
    return [f"TOKEN={created['token']}", f"TOKEN_ID={created['id']}"]


def run_in_bash(commands: str, folder: Path, url: str) -> tuple[list[tuple[int, str]], str]:
    """Return the exit code and the output of each command that ended, and what bash printed after these."""
    environment = {
        "HOME": str(folder),
        "PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'client' / 'src'}",
        "URL": url,
    }
    run = subprocess.run(
        ["bash", "-c", commands],  # noqa: S607
        cwd=folder,
        env=os.environ | CREDENTIALS | environment,
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )
    *ends, rest = run.stdout.split("\35")
    outputs = [end.split("\36") for end in ends]
    return [(int(exit_code), output) for output, exit_code in outputs], rest
