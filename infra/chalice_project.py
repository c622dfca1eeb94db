"""The folder that Chalice deploys: the app, and Chalice's configuration with every value filled in.

Chalice reads its configuration from files alone, and buckets, subnets and queues have names that are known only
when they are there. So `.chalice/*.json` refer to them as ${Name}, and are filled in here.
"""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalice.config import Config

from infra.errors import InfraError
from infra.packaging.sources import VENDOR, copy_app, copy_vendored

SOURCE = Path(__file__).parents[1]
REFERENCE = re.compile(r"\$\{(\w+)\}")


def assemble(stage: str, values: Mapping[str, str], destination: Path) -> None:
    """Make the folder anew. Raises InfraError for a reference that `values` doesn't know."""
    shutil.rmtree(destination, ignore_errors=True)
    destination.mkdir(parents=True)
    for name in ("requirements.txt", "constraints.txt"):
        shutil.copyfile(SOURCE / name, destination / name)
    copy_app(SOURCE, destination)
    copy_vendored(SOURCE, destination / VENDOR)
    chalice = destination / ".chalice"
    chalice.mkdir()
    written = json.loads((SOURCE / ".chalice" / "config.json").read_text())
    written["stages"] = {stage: written["stages"][stage]}
    _write(chalice / "config.json", filled_in(written, values))
    for path in sorted((SOURCE / ".chalice").glob("policy-*.json")):
        _write(chalice / path.name, filled_in(json.loads(path.read_text()), values))


def config(folder: Path, stage: str, function: str) -> Config:
    """Return what a project's `.chalice/config.json` says of a function, its places merged as Chalice does."""
    written = json.loads((folder / ".chalice" / "config.json").read_text())
    return Config(chalice_stage=stage, function_name=function, config_from_disk=written)


def policy(folder: Path, stage: str, function: str) -> Path:
    """Return the file with a function's policy, where Chalice takes it from."""
    name = config(folder, stage, function).iam_policy_file or f"policy-{stage}.json"
    return folder / ".chalice" / name


def filled_in(document: Any, values: Mapping[str, str]) -> Any:
    """Return a JSON document with each ${Name} in its strings replaced. An entry that becomes empty is left out.

    Raises InfraError for a name that `values` doesn't hold.
    """
    if isinstance(document, dict):
        pairs = ((key, filled_in(value, values)) for key, value in document.items())
        return {key: value for key, value in pairs if value != ""}
    if isinstance(document, list):
        return [filled_in(value, values) for value in document]
    if isinstance(document, str):
        return REFERENCE.sub(lambda reference: _value(reference[1], values), document)
    return document


def all_references() -> set[str]:
    """Return the names that anything in `.chalice` refers to."""
    paths = [SOURCE / ".chalice" / "config.json", *(SOURCE / ".chalice").glob("policy-*.json")]
    return set().union(*(references(json.loads(path.read_text())) for path in paths))


def references(document: Any) -> set[str]:
    """Return the names that a JSON document refers to."""
    return set(REFERENCE.findall(json.dumps(document)))


def _value(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise InfraError(f".chalice refers to ${{{name}}}, which no stack, no variable and no stage gives")
    return values[name]


def _write(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, indent=2) + "\n")
