"""The contents of the project's own packages, with its real dependencies."""

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
from tests.integration.conftest import GLIBC, NATIVE, OTHER, ROOT, Package

EARLIEST = (1980, 1, 1, 0, 0, 0)

BINDINGS = f"pypdfium2_raw/__pycache__/bindings.{sys.implementation.cache_tag}.pyc"
OF_EACH_WHEEL = {"pypdfium2_raw/bindings.py", BINDINGS}
"""Generated from the headers of the machine that a wheel is for."""


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


def test_package_of_a_copied_project_has_the_same_files(package: Package) -> None:
    """Also when the sources are newer, were run before, and only their owner may read them: so the other
    architecture's package is built. Besides its libraries, it has what this one's has."""
    with ZipFile(package(NATIVE)) as ours, ZipFile(package(OTHER)) as copied:
        entries, others = (
            {name: archive.getinfo(name).CRC for name in archive.namelist() if not _is_of_the_architecture(name)}
            for archive in (ours, copied)
        )
    assert list(entries) == list(others)
    assert {name for name in entries if entries[name] != others[name]} == OF_EACH_WHEEL


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


@pytest.mark.slow(2)
def test_missing_wheel_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    project = create_project(tmp_path / "project", "Pillow", (ROOT / "constraints.txt").read_text())
    target = tmp_path / "built" / "package.zip"
    runtime = r"Python 3\.\d+ on Lambda \(x86_64, glibc 2\.26\)"
    with pytest.raises(InfraError, match=rf"(?s)can't install the dependencies for {runtime}.*Pillow"):
        build_package(project, "x86_64", target, glibc=26)
    assert list(target.parent.iterdir()) == []


@pytest.mark.slow(2)
def test_unpinned_distribution_is_refused(tmp_path: Path) -> None:
    project = create_project(tmp_path / "project", "six", "# nothing")
    with pytest.raises(InfraError, match=r"six==[\d.]+"):
        build_package(project, NATIVE, tmp_path / "package.zip", glibc=GLIBC)


def create_project(folder: Path, requirement: str, constraints: str) -> Path:
    """Create what is installed before a project's own files are read."""
    page = folder / "chalicelib" / "web" / "docs" / "index.html"
    page.parent.mkdir(parents=True)
    page.touch()
    (folder / "requirements.txt").write_text(f"-c constraints.txt\n{requirement}\n")
    (folder / "constraints.txt").write_text(f"{constraints}\n")
    return folder


def _is_of_the_architecture(name: str) -> bool:
    return (
        ".so" in Path(name).suffixes or "/sboms/" in name
    )  # a wheel's libraries, and the list of what is in them


def _bytecode(source: str) -> str:
    path = Path(source)
    return (path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc").as_posix()
