"""Third-party packages that files import, for the tests of what is installed."""

import ast
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.utils import canonicalize_name

PROJECT_PACKAGES = {"app", "chalicelib", "chaos", "emulator", "infra", "web"}

NEWER_PYTHONS_MODULES = {"compression"}
"""Since 3.14; the code imports it only where it exists."""


def third_party_imports(paths: Iterable[Path]) -> set[str]:
    """Return the top packages, neither Python's nor the project's, that these files import when they run."""
    imported = set().union(*(_imports(path) for path in paths))
    return imported - sys.stdlib_module_names - NEWER_PYTHONS_MODULES - PROJECT_PACKAGES


def distributions(package: str) -> set[str]:
    """Return the names, as on PyPI, of what installs a top package."""
    return {str(canonicalize_name(name)) for name in _installed()[package]}


_installed = cache(packages_distributions)  # which reads the metadata of everything that is installed


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return {name for name in names if not name.startswith("mypy_boto3_")}  # under TYPE_CHECKING only
