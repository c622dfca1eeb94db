"""The folder that Chalice deploys: the app, and Chalice's configuration with all placeholders replaced.

Chalice reads its configuration from files only, and the names of buckets, subnets and queues are known only after
they are created. So `.chalice/*.json` refer to them as ${Name}, which is replaced here.
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

PROJECT_ROOT = Path(__file__).parents[1]
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def assemble(stage: str, values: Mapping[str, str], destination: Path) -> None:
    """Create the folder, replacing an older one. Raises InfraError for a placeholder that `values` lacks.

    Only its user can read it: the configuration has the functions' secrets.
    """
    shutil.rmtree(destination, ignore_errors=True)
    destination.mkdir(parents=True)
    destination.chmod(0o700)
    for name in ("requirements.txt", "constraints.txt"):
        shutil.copyfile(PROJECT_ROOT / name, destination / name)
    copy_app(PROJECT_ROOT, destination)
    copy_vendored(PROJECT_ROOT, destination / VENDOR)
    chalice = destination / ".chalice"
    chalice.mkdir()
    config = json.loads((PROJECT_ROOT / ".chalice" / "config.json").read_text())
    config["stages"] = {stage: config["stages"][stage]}
    _write_json(chalice / "config.json", render(config, values))
    for path in sorted((PROJECT_ROOT / ".chalice").glob("policy-*.json")):
        _write_json(chalice / path.name, render(json.loads(path.read_text()), values))


def function_config(folder: Path, stage: str, function: str) -> Config:
    """Return the configuration of a function in a project's `.chalice/config.json`, merged as Chalice does."""
    config = json.loads((folder / ".chalice" / "config.json").read_text())
    return Config(chalice_stage=stage, function_name=function, config_from_disk=config)


def policy_path(folder: Path, stage: str, function: str) -> Path:
    """Return the path of a function's policy file, as Chalice resolves it."""
    name = function_config(folder, stage, function).iam_policy_file or f"policy-{stage}.json"
    return folder / ".chalice" / name


def render(document: Any, values: Mapping[str, str]) -> Any:
    """Return a JSON document with each ${Name} in its strings replaced. Entries that become empty are removed.

    Raises InfraError for a name that `values` doesn't hold.
    """
    if isinstance(document, dict):
        pairs = ((key, render(value, values)) for key, value in document.items())
        return {key: value for key, value in pairs if value != ""}
    if isinstance(document, list):
        return [render(value, values) for value in document]
    if isinstance(document, str):
        return PLACEHOLDER.sub(lambda placeholder: _resolve(placeholder[1], values), document)
    return document


def find_all_placeholders() -> set[str]:
    """Return the names of all placeholders in `.chalice`."""
    paths = [PROJECT_ROOT / ".chalice" / "config.json", *(PROJECT_ROOT / ".chalice").glob("policy-*.json")]
    return set().union(*(find_placeholders(json.loads(path.read_text())) for path in paths))


def find_placeholders(document: Any) -> set[str]:
    """Return the names of all placeholders in a JSON document."""
    return set(PLACEHOLDER.findall(json.dumps(document)))


def _resolve(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise InfraError(
            f".chalice refers to ${{{name}}}, which is neither an output of a stack nor an environment variable "
            "nor a value of the stage"
        )
    return values[name]


def _write_json(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, indent=2) + "\n")
