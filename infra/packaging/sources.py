"""The project's own files that are deployed."""

import shutil
from pathlib import Path

VENDOR = "vendor"
"""Chalice's place for packages that no registry has.
https://aws.github.io/chalice/topics/packaging.html"""

_ignored = shutil.ignore_patterns("__pycache__", ".*", "*.orig", "*.rej", "*~", "*.swp")
"""What editors, git and Python leave between the sources."""


def copy_app(project: Path, target: Path) -> None:
    """Copy app.py and chalicelib into a folder that has neither, without what editors have left among them."""
    shutil.copyfile(project / "app.py", target / "app.py")
    shutil.copytree(project / "chalicelib", target / "chalicelib", ignore=_ignored)


def copy_vendored(project: Path, target: Path) -> None:
    """Copy what is in the project's vendor folder, all of it, into a folder that may be there."""
    if (project / VENDOR).is_dir():
        shutil.copytree(project / VENDOR, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
