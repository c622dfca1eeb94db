"""Building the package of a project without dependencies, and what is refused."""

import importlib.util
import marshal
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from types import CodeType
from typing import Any
from zipfile import ZipFile

import pytest

from infra.__main__ import main
from infra.chalice_project import PROJECT_ROOT, assemble
from infra.errors import InfraError
from infra.packaging.archive import write_archive
from infra.packaging.build import MAX_UNZIPPED, MAX_ZIPPED, build_package, check_size
from infra.packaging.dependencies import runtime_glibc
from infra.packaging.file_filter import is_needed

UNCHECKED_HASH = 0b01
"""The flags of bytecode that is loaded without checking its source. https://peps.python.org/pep-0552/"""


LEFTOVERS = (".env", ".DS_Store", "settings.py.orig", "settings.py~", ".settings.py.swp", "a.swp")
"""Files that editors and git leave between sources."""


@pytest.fixture(scope="module", autouse=True)
def _without_pip() -> Iterator[None]:
    """There are no dependencies to install and no API to describe. tests/integration/package builds with both."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("infra.packaging.build.install_dependencies", lambda *_: None)
        monkeypatch.setattr("infra.packaging.build.write_description", lambda *_: None)
        yield


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return create_project(tmp_path / "project")


def create_project(root: Path) -> Path:
    (root / "chalicelib" / "web" / "docs").mkdir(parents=True)
    (root / "chalicelib" / "web" / "docs" / "index.html").write_text("a page")
    (root / "app.py").write_text("app = None\n")
    (root / "chalicelib" / "__init__.py").write_text("")
    (root / "requirements.txt").write_text("# nothing\n")
    (root / "constraints.txt").write_text(f"chalice=={version('chalice')}\n")
    return root


@pytest.mark.slow(3)
def test_bytecode_is_unchecked_and_has_lambdas_paths(project: Path, tmp_path: Path) -> None:
    with ZipFile(build_package(project, "arm64", tmp_path / "new" / "package.zip")) as archive:
        compiled = archive.read(f"__pycache__/app.{sys.implementation.cache_tag}.pyc")
    code: CodeType = marshal.loads(compiled[16:])  # noqa: S302  # built here
    assert compiled[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(compiled[4:8], "little") == UNCHECKED_HASH
    assert code.co_filename == "/var/task/app.py"


@pytest.mark.slow(3)
def test_vendored_files_are_at_the_root_of_the_package(project: Path, tmp_path: Path) -> None:
    (project / "vendor" / "vendored").mkdir(parents=True)
    (project / "vendor" / "vendored" / "data.json").write_text("{}")
    with ZipFile(build_package(project, "x86_64", tmp_path / "package.zip")) as archive:
        assert archive.read("vendored/data.json") == b"{}"


@pytest.mark.slow(6)
def test_make_package_and_make_deploy_build_the_same_package(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make deploy` builds it for the folder that infra.chalice_project assembles."""
    (project / "vendor" / "vendored").mkdir(parents=True)
    (project / "vendor" / "vendored" / "__init__.py").write_text("")
    (project / "vendor" / "vendored" / ".hidden").write_text("kept")
    (project / ".chalice").mkdir()
    (project / ".chalice" / "config.json").write_text('{"stages": {"prod": {}}}')
    monkeypatch.setattr("infra.chalice_project.PROJECT_ROOT", project)
    assemble("prod", {}, tmp_path / "assembled")
    packages = [
        build_package(folder, "x86_64", tmp_path / f"{folder.name}.zip")
        for folder in (project, tmp_path / "assembled")
    ]
    assert packages[0].read_bytes() == packages[1].read_bytes()
    with ZipFile(packages[1]) as archive:
        assert {"vendored/__init__.py", "vendored/.hidden"} < set(archive.namelist())


@pytest.fixture(scope="module")
def packages_without_and_with_leftovers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A project's package, and its package when leftovers are among its sources."""
    root = tmp_path_factory.mktemp("leftovers")
    project = create_project(root / "project")
    clean = build_package(project, "x86_64", root / "clean.zip")
    for name in LEFTOVERS:
        (project / "chalicelib" / name).write_text("a secret")
        (project / "chalicelib" / "web" / name).write_text("a secret")
    return clean, build_package(project, "x86_64", root / "again.zip")


@pytest.mark.slow(3)
def test_package_is_the_same_with_editor_leftovers(packages_without_and_with_leftovers: tuple[Path, Path]) -> None:
    clean, again = packages_without_and_with_leftovers
    assert again.read_bytes() == clean.read_bytes()


@pytest.mark.parametrize("name", LEFTOVERS)
def test_package_has_no_editor_leftovers(
    packages_without_and_with_leftovers: tuple[Path, Path], name: str
) -> None:
    for package in packages_without_and_with_leftovers:
        with ZipFile(package) as archive:
            assert [path for path in archive.namelist() if path.endswith(f"/{name}")] == []


@pytest.mark.slow(3)
def test_unpinned_chalice_is_refused(project: Path, tmp_path: Path) -> None:
    (project / "constraints.txt").write_text("chalice==0.1\n")
    with pytest.raises(InfraError, match=rf"Not pinned.* chalice=={version('chalice')}"):
        build_package(project, "x86_64", tmp_path / "package.zip")


def test_package_without_web_pages_is_refused(project: Path, tmp_path: Path) -> None:
    """Before anything is installed."""
    (project / "chalicelib" / "web" / "docs" / "index.html").unlink()
    with pytest.raises(InfraError, match=r"haven't been built.* Run: make web"):
        build_package(project, "x86_64", tmp_path / "out" / "package.zip")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow(3)
def test_package_has_the_web_pages(project: Path, tmp_path: Path) -> None:
    (project / "chalicelib" / "web" / ".fingerprint").write_text("of the build")
    with ZipFile(build_package(project, "x86_64", tmp_path / "package.zip")) as archive:
        names = [name for name in archive.namelist() if name.startswith("chalicelib/web/")]
    assert names == ["chalicelib/web/docs/index.html"]


@pytest.mark.slow(3)
def test_failed_build_keeps_the_older_package(project: Path, tmp_path: Path) -> None:
    (project / "chalicelib" / "broken.py").write_text("def\n")
    package = tmp_path / "out" / "package.zip"
    package.parent.mkdir()
    package.write_bytes(b"the older package")
    with pytest.raises(InfraError, match=r"(?s)doesn't compile.*broken\.py"):
        build_package(project, "x86_64", package)
    assert package.read_bytes() == b"the older package"
    assert list(package.parent.iterdir()) == [package]


def test_equal_trees_give_equal_archives(tmp_path: Path) -> None:
    """Even if they were written in another order, at another time and with other permissions."""
    names = ["b.txt", "a/c.txt", "a.txt"]
    for tree, order, mode in (("one", names, 0o600), ("two", names[::-1], 0o755)):
        for age, name in enumerate(order):
            path = tmp_path / tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
            path.chmod(mode)
            os.utime(path, (age * 100_000_000, age * 100_000_000))
        write_archive(tmp_path / tree, tmp_path / f"{tree}.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == ["a.txt", "a/c.txt", "b.txt"]


def test_packages_above_lambdas_limits_are_refused() -> None:
    check_size(50 * 1024**2, 250 * 1024**2)
    with pytest.raises(InfraError, match=r"52,428,801 bytes zipped\. Lambda's limit is 52,428,800"):
        check_size(MAX_ZIPPED + 1, 1)
    with pytest.raises(InfraError, match=r"262,144,001 bytes unzipped\. Lambda's limit is 262,144,000"):
        check_size(1, MAX_UNZIPPED + 1)


@pytest.mark.slow(3)
def test_package_above_the_limit_is_not_written(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.packaging.build.MAX_UNZIPPED", 1000)
    with pytest.raises(InfraError, match="unzipped"):
        build_package(project, "x86_64", tmp_path / "package.zip")
    assert not (tmp_path / "package.zip").exists()


def test_package_command_names_the_python_it_needs_before_it_builds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def build(*_: Any) -> None:
        raise AssertionError("it began to build")

    monkeypatch.setattr("infra.__main__.build_package", build)
    monkeypatch.setattr(sys, "version_info", (3, 11, 7))
    assert main(["package"]) == 1
    error = capsys.readouterr().err
    assert "Python 3.12 or newer is needed, but this is 3.11" in error
    assert "make package PYTHON=python3.12 VENV=build/venv" in error


@pytest.mark.parametrize("target", ["package", "deploy"])
@pytest.mark.parametrize("has_venv", [False, True])
def test_make_names_the_python_it_needs_before_it_installs(tmp_path: Path, target: str, has_venv: bool) -> None:
    """The Python of the virtual environment counts, where there is one."""
    venv = tmp_path / "venv"
    old = fake_python(venv / "bin" / "python" if has_venv else tmp_path / "python", exit_code=1)
    new = fake_python(tmp_path / "newer", exit_code=0)
    make = shutil.which("make")
    assert make is not None
    run = subprocess.run(
        [make, target, f"VENV={venv}", f"PYTHON={new if has_venv else old}"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert f"Python 3.12 or newer is needed. Run: make {target} PYTHON=python3.12 VENV=build/venv" in run.stdout
    assert [path.name for path in tmp_path.rglob("*.called")] == [f"{old.name}.called"]
    assert len(old.with_name(f"{old.name}.called").read_text().splitlines()) == 1


def fake_python(path: Path, exit_code: int) -> Path:
    """Create a Python that fails, or succeeds, whatever it is called with, and notes its calls."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho called >> "$0.called"\nexit {exit_code}\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(("python", "glibc"), [((3, 11), 26), ((3, 12), 34), ((3, 13), 34)])
def test_glibc_of_lambdas_runtime_for_each_python(python: tuple[int, int], glibc: int) -> None:
    assert runtime_glibc(python) == glibc


@pytest.mark.parametrize(
    "path",
    [
        "app.py",
        "boto3/docs/docstring.py",  # its client imports it
        "botocore/cacert.pem",
        "botocore/data/endpoints.json",
        "botocore/data/s3/2006-03-01/service-2.json.gz",
        "certifi-1.dist-info/licenses/LICENSE",
        "pillow-1.dist-info/METADATA",
        "pillow-1.dist-info/sboms/pillow.cdx.json",
        "pillow.libs/libtiff-1.so.6",
        "some/testing/__init__.py",
        "mako/template.py",
    ],
)
def test_prune_keeps_needed_files(path: str) -> None:
    assert is_needed(PurePosixPath(path))


@pytest.mark.parametrize(
    "path",
    [
        "bin/alembic",
        "boto3/data/ec2/2016-11-15/resources-1.json",
        "boto3/examples/s3.rst",
        "botocore/data/ec2/2016-11-15/service-2.json.gz",
        "botocore/data/s3/2006-03-01/examples-1.json",
        "chalicelib/__pycache__/settings.cpython-39.pyc",
        "markupsafe/_speedups.c",
        "msgspec/__init__.pyi",
        "olefile/olefile2.py",
        "pillow-1.dist-info/RECORD",
        "pillow-1.dist-info/entry_points.txt",
        "some/tests/test_it.py",
        "sqlalchemy/testing/suite/test_ddl.py",
        "sqlalchemy/util/_collections_cy.pxd",
        "urllib3/py.typed",
    ],
)
def test_prune_drops_unneeded_files(path: str) -> None:
    assert not is_needed(PurePosixPath(path))
