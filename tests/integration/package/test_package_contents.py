"""The contents of the project's own packages, with its real dependencies."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import msgspec
import pytest

from app import app
from chalicelib.http.openapi.document import build_document
from chalicelib.http.router import operations
from infra.errors import InfraError
from infra.packaging.build import ARCHITECTURES, MAX_UNZIPPED, MAX_ZIPPED, build_package, package_sizes
from infra.packaging.description import DESCRIPTION
from tests.integration.conftest import GLIBC, NATIVE, ROOT, Package

EARLIEST = (1980, 1, 1, 0, 0, 0)


@pytest.fixture(params=ARCHITECTURES)
def archive(request: pytest.FixtureRequest, package: Package) -> Iterator[ZipFile]:
    with ZipFile(package(request.param)) as opened:
        yield opened


@pytest.mark.slow(20)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_package_fits_lambda_limits(package: Package, architecture: str) -> None:
    zipped, unzipped = package_sizes(package(architecture))
    assert zipped < MAX_ZIPPED
    assert unzipped < MAX_UNZIPPED


@pytest.mark.slow(20)
def test_package_of_a_copied_project_has_the_same_bytes(package: Package, tmp_path: Path) -> None:
    """Also when the sources are newer, were run before, and only their owner may read them."""
    before = os.umask(0o077)
    try:
        copy = tmp_path / "another checkout"
        copy.mkdir()
        for name in ("app.py", "requirements.txt", "constraints.txt"):
            shutil.copyfile(ROOT / name, copy / name)
        shutil.copytree(ROOT / "chalicelib", copy / "chalicelib", copy_function=shutil.copyfile)
        leftover = copy / "chalicelib" / "__pycache__" / "settings.cpython-39.pyc"
        leftover.parent.mkdir(exist_ok=True)
        leftover.write_bytes(b"old bytecode")
        again = build_package(copy, NATIVE, tmp_path / "again.zip", glibc=GLIBC)
    finally:
        os.umask(before)
    assert again.read_bytes() == package(NATIVE).read_bytes()


def test_archive_has_fixed_order_times_and_permissions(archive: ZipFile) -> None:
    entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {EARLIEST}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}


def test_package_has_the_project_and_chalices_runtime(archive: ZipFile) -> None:
    names = set(archive.namelist())
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "chalicelib").rglob("*.py")}
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "chalicelib" / "web").rglob("[!.]*.*")}
    assert "chalicelib/web/docs/index.html" in pages
    assert sources | pages <= names
    assert archive.read("app.py") == (ROOT / "app.py").read_bytes()
    chalice_modules = {name for name in names if name.startswith("chalice/") and name.endswith(".py")}
    assert chalice_modules == {"chalice/__init__.py", "chalice/app.py"}
    assert (
        not {
            "chaos/__init__.py",
            "emulator/__init__.py",
            "infra/__init__.py",
            "tests/__init__.py",
            "chalice/local.py",
        }
        & names
    )


def test_package_has_the_description_that_these_sources_give(archive: ZipFile) -> None:
    assert archive.read(DESCRIPTION.as_posix()) == msgspec.json.encode(build_document(operations(app), servers=()))


def test_every_source_has_bytecode(archive: ZipFile) -> None:
    names = set(archive.namelist())
    sources = {name for name in names if name.endswith(".py")}
    assert {name for name in names if name.endswith(".pyc")} == {_bytecode(source) for source in sources}


def test_botocore_has_only_the_services_in_use(archive: ZipFile) -> None:
    data = [
        name.removeprefix("botocore/data/") for name in archive.namelist() if name.startswith("botocore/data/")
    ]
    folders = {name.split("/")[0] for name in data if "/" in name}
    assert folders == {"s3", "sts"}
    files = {name for name in data if "/" not in name}
    assert {"endpoints.json", "partitions.json", "_retry.json", "sdk-default-configuration.json"} <= files


def test_distributions_keep_metadata_and_licences(archive: ZipFile) -> None:
    kept: dict[str, list[str]] = {}
    for name in archive.namelist():
        folder, _, file = name.partition("/")
        if folder.endswith(".dist-info"):
            kept.setdefault(folder, []).append(file)
    assert len(kept) > 10
    assert all("METADATA" in files for files in kept.values()), kept
    assert all(any("LICEN" in file or "COPYING" in file for file in files) for files in kept.values()), kept


def test_architectures_have_the_same_distributions(package: Package) -> None:
    """pip evaluates markers for the machine that builds, so no dependency may differ by marker."""
    distributions = []
    for architecture in ARCHITECTURES:
        with ZipFile(package(architecture)) as opened:
            distributions.append({name.split("/")[0] for name in opened.namelist() if ".dist-info/" in name})
    assert distributions[0] == distributions[1]


def test_extension_modules_are_for_the_architecture(package: Package) -> None:
    """Bytes 18 and 19 of an ELF file are the machine: 62 is x86-64, 183 AArch64.
    https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html"""
    for architecture, machine in (("x86_64", 62), ("arm64", 183)):
        with ZipFile(package(architecture)) as opened:
            libraries = [name for name in opened.namelist() if ".so" in Path(name).suffixes]
            assert libraries
            machines = {int.from_bytes(opened.read(name)[18:20], "little") for name in libraries}
        assert machines == {machine}


@pytest.mark.slow(5)
@pytest.mark.usefixtures("built_pages")
def test_missing_wheel_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    target = tmp_path / "package.zip"
    runtime = r"Python 3\.\d+ on Lambda \(x86_64, glibc 2\.26\)"
    with pytest.raises(InfraError, match=rf"(?s)can't install the dependencies for {runtime}.*Pillow"):
        build_package(ROOT, "x86_64", target, glibc=26)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow(3)
def test_unpinned_distribution_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "chalicelib" / "web" / "docs" / "index.html"
    page.parent.mkdir(parents=True)
    page.touch()
    (tmp_path / "requirements.txt").write_text("six\n")
    (tmp_path / "constraints.txt").write_text("# nothing\n")
    with pytest.raises(InfraError, match=r"six==[\d.]+"):
        build_package(tmp_path, NATIVE, tmp_path / "package.zip", glibc=GLIBC)


def _bytecode(source: str) -> str:
    path = Path(source)
    return (path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc").as_posix()
