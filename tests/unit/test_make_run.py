"""What `make run` installs."""

import re
from pathlib import Path

from packaging.utils import canonicalize_name

from tests.unit.imports import distributions, third_party_imports

ROOT = Path(__file__).parents[2]


def prerequisites(target: str) -> set[str]:
    """Return the targets and files on which a target of the Makefile depends."""
    makefile = (ROOT / "Makefile").read_text()
    rule = re.search(rf"^{re.escape(target)}:([^#\n|]*)", makefile, re.MULTILINE)
    assert rule is not None
    return set(rule[1].split())


def recipe(target: str) -> str:
    makefile = (ROOT / "Makefile").read_text()
    rule = re.search(rf"^{re.escape(target)}:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert rule is not None
    return rule[1]


def requirements(name: str) -> set[str]:
    """Return the packages that a requirements file names, with those of the files that it includes."""
    text = (ROOT / name).read_text()
    included = re.findall(r"^-r (\S+)$", text, re.MULTILINE)
    named = {str(canonicalize_name(package)) for package in re.findall(r"^\w[\w.-]*", text, re.MULTILINE)}
    return named.union(*(requirements(file) for file in included))


def test_run_installs_only_what_running_needs() -> None:
    assert prerequisites("run") == {"$(VENV)/.installed-run", "web"}
    assert prerequisites("web") == {"$(VENV)/.created"}
    assert "requirements-run.txt" in prerequisites("$(VENV)/.installed-run")
    assert prerequisites("$(VENV)/.installed-run") & {"setup", "requirements-dev.txt"} == set()
    assert "$(call pip-install,requirements-run.txt)" in recipe("$(VENV)/.installed-run")


def test_every_package_that_running_imports_is_in_its_requirements() -> None:
    """Named there or in requirements.txt, not left to another package's dependencies."""
    named = requirements("requirements-run.txt") | {"botocore"}  # boto3 is built on it
    folders = ("chalicelib", "chaos", "emulator")
    paths = [ROOT / "app.py", *(path for folder in folders for path in (ROOT / folder).rglob("*.py"))]
    missing = {package for package in third_party_imports(paths) if not distributions(package) & named}
    assert missing == set()
