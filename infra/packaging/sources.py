"""Copying the project's own files that are deployed."""

import shutil
from pathlib import Path

from infra.errors import InfraError

VENDOR = "vendor"
"""Chalice's folder for packages that are in no registry.
https://aws.github.io/chalice/topics/packaging.html"""

WEB_PAGE = Path("chalicelib", "web", "docs", "index.html")
"""Of what `make web` builds. It replaces chalicelib/web as a whole, so the rest is there as well."""

_ignore_leftovers = shutil.ignore_patterns("__pycache__", ".*", "*.orig", "*.rej", "*~", "*.swp")
"""Files that editors, git and Python leave between sources."""


def check_web_pages(project: Path) -> None:
    """Raise InfraError if the web pages, which git ignores, haven't been built."""
    if not (project / WEB_PAGE).is_file():
        raise InfraError(f"The web pages haven't been built: there is no {WEB_PAGE}. Run: make web")


def copy_app(project: Path, target: Path) -> None:
    """Copy app.py and chalicelib into a folder that has neither, without leftovers of editors."""
    shutil.copyfile(project / "app.py", target / "app.py")
    shutil.copytree(project / "chalicelib", target / "chalicelib", ignore=_ignore_leftovers)


def copy_vendored(project: Path, target: Path) -> None:
    """Copy all files of the project's vendor folder, if there is one, into a folder that may exist."""
    if (project / VENDOR).is_dir():
        shutil.copytree(project / VENDOR, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
