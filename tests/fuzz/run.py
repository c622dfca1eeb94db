"""Run schemathesis against an emulator, and read what it saw."""

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from tests.acceptance.client import Client
from tests.samples import png

REPOSITORY = Path(__file__).parents[2]
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@dataclass(frozen=True)
class FuzzRun:
    """What a run printed and saw."""

    exit_code: int
    """0 if every check has passed."""
    output: str
    statuses: Mapping[str, set[int]]
    """The statuses of each operation, such as `GET /api/files`, and of other methods of its path."""
    requests: int


def run_schemathesis(
    url: str,
    *,
    seed: int,
    examples: int,
    folder: Path,
    seconds: int | None = None,
    echo: Callable[[str], object] | None = None,
) -> FuzzRun:
    """Try every operation that the service at `url` describes. `echo` is called with each line that it prints.

    `examples` are requests per operation, and at most so many sequences of requests; boundary values are tried
    besides. With `seconds`, other requests and sequences follow until these are over. The folder gets the
    configuration, the report and the failed requests.
    """
    client = Client(url)
    template = Template(CONFIGURATION.read_text())
    configuration = folder / CONFIGURATION.name
    configuration.write_text(template.substitute(image_id=upload_image(client), asset=asset_name(client)))
    # From a file: schemathesis leaves out the operation that it gets the description from.
    description = folder / "openapi.json"
    description.write_text(json.dumps(without_security(client.request("GET", "/api/openapi.json").json())))
    report = folder / "report.ndjson"
    command = [sys.executable, "-m", "schemathesis.cli", "--no-color", "--config-file", str(configuration)]
    command += ["run", str(description), "--url", url, "--report-ndjson-path", str(report)]
    command += ["--seed", str(seed), "--max-examples", str(examples)]
    command += ["--max-time", str(seconds)] if seconds else []
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if echo is not None:
                echo(line)
    statuses: dict[str, set[int]] = defaultdict(set)
    requests = 0
    for operation, status in read_responses(report):
        statuses[operation].add(status)
        requests += 1
    return FuzzRun(process.returncode, "".join(lines), statuses, requests)


def without_security(description: dict[str, Any]) -> dict[str, Any]:
    """Return the description without tokens, which this service doesn't ask for (`AUTH=off`)."""
    for operations in description["paths"].values():
        for operation in operations.values():
            del operation["security"]
    return description


def upload_image(client: Client) -> str:
    """Upload an image, and return its id as soon as it has a thumbnail."""
    file = client.wait_until_terminal(client.upload("image.png", png(), "image/png").id)
    assert file.thumbnail, file
    return str(file.id)


def asset_name(client: Client) -> str:
    """Return the name of a file that the page of the documentation refers to."""
    match = re.search(r"docs/assets/([^\"]+)", client.request("GET", "/api/docs").text)
    assert match is not None
    return match[1]


def read_responses(report: Path) -> Iterator[tuple[str, int]]:
    """Yield the operation and the status of every response in schemathesis' report (NDJSON of events).

    Without a report, it could not begin, and its output says why.
    """
    if not report.exists():
        return
    with report.open() as lines:
        for line in lines:
            recorder: dict[str, Any] = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
            for case_id, interaction in recorder.get("interactions", {}).items():
                case = recorder["cases"][case_id]["value"]
                if interaction.get("response"):
                    yield f"{case['method']} {case['path']}", interaction["response"]["status_code"]
