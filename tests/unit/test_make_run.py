"""What `make run` installs and starts."""

import os
import re
import shutil
import subprocess
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
    assert prerequisites("run") == {"$(VENV)/.installed-run"}
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


def test_run_starts_without_the_web_pages(tmp_path: Path) -> None:
    """As without a network after an update: the service doesn't need the page."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\n[ "$2" = emulator ] && echo started\n')  # fails for `-m web`
    python.chmod(0o755)
    for name in ("requirements.txt", "requirements-run.txt", "constraints.txt"):
        (tmp_path / name).touch()
    for name in (".created", ".installed-run"):
        (tmp_path / ".venv" / name).touch()
    make = shutil.which("make")
    assert make is not None
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    run = subprocess.run([make, "run"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    warning, started = run.stdout.splitlines()
    assert warning.startswith("warning: so the web pages are missing or out of date.")
    assert started == "started"
