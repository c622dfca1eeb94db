"""What is in the packages of the project itself, with its real dependencies."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from infra.errors import InfraError
from infra.packaging.build import ARCHITECTURES, MAX_UNZIPPED, MAX_ZIPPED, build_package, package_sizes
from tests.integration.conftest import GLIBC, NATIVE, ROOT, Package

EARLIEST = (1980, 1, 1, 0, 0, 0)


@pytest.fixture(params=ARCHITECTURES)
def archive(request: pytest.FixtureRequest, package: Package) -> Iterator[ZipFile]:
    with ZipFile(package(request.param)) as opened:
        yield opened


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_it_fits(package: Package, architecture: str) -> None:
    zipped, unzipped = package_sizes(package(architecture))
    assert zipped < MAX_ZIPPED
    assert unzipped < MAX_UNZIPPED


def test_another_folder_at_another_time_gives_the_same_bytes(package: Package, tmp_path: Path) -> None:
    """Also when the sources are newer, were run before, and are readable by their owner alone."""
    before = os.umask(0o077)
    try:
        copy = tmp_path / "a checkout elsewhere"
        copy.mkdir()
        for name in ("app.py", "requirements.txt", "constraints.txt"):
            shutil.copyfile(ROOT / name, copy / name)
        shutil.copytree(ROOT / "chalicelib", copy / "chalicelib", copy_function=shutil.copyfile)
        leftover = copy / "chalicelib" / "__pycache__" / "settings.cpython-39.pyc"
        leftover.parent.mkdir(exist_ok=True)
        leftover.write_bytes(b"of another day")
        again = build_package(copy, NATIVE, tmp_path / "again.zip", glibc=GLIBC)
    finally:
        os.umask(before)
    assert again.read_bytes() == package(NATIVE).read_bytes()


def test_the_order_times_and_permissions_tell_nothing_of_the_build(archive: ZipFile) -> None:
    entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {EARLIEST}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}


def test_the_project_and_chalices_runtime_are_in_it(archive: ZipFile) -> None:
    names = set(archive.namelist())
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "chalicelib").rglob("*.py")}
    assert sources <= names
    assert archive.read("app.py") == (ROOT / "app.py").read_bytes()
    ours = {name for name in names if name.startswith("chalice/") and name.endswith(".py")}
    assert ours == {"chalice/__init__.py", "chalice/app.py"}
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


def test_every_source_has_its_bytecode(archive: ZipFile) -> None:
    names = set(archive.namelist())
    sources = {name for name in names if name.endswith(".py")}
    assert {name for name in names if name.endswith(".pyc")} == {_bytecode(source) for source in sources}


def test_botocore_describes_the_services_in_use_only(archive: ZipFile) -> None:
    data = [
        name.removeprefix("botocore/data/") for name in archive.namelist() if name.startswith("botocore/data/")
    ]
    folders = {name.split("/")[0] for name in data if "/" in name}
    assert folders == {"s3", "sts"}
    files = {name for name in data if "/" not in name}
    assert {"endpoints.json", "partitions.json", "_retry.json", "sdk-default-configuration.json"} <= files


def test_every_distribution_keeps_its_name_and_licence(archive: ZipFile) -> None:
    kept: dict[str, list[str]] = {}
    for name in archive.namelist():
        folder, _, file = name.partition("/")
        if folder.endswith(".dist-info"):
            kept.setdefault(folder, []).append(file)
    assert len(kept) > 10
    assert all("METADATA" in files for files in kept.values()), kept
    assert all(any("LICEN" in file or "COPYING" in file for file in files) for files in kept.values()), kept


def test_both_architectures_get_the_same_libraries(package: Package) -> None:
    """Markers are judged for the machine that builds, so nothing may depend on them."""
    found = []
    for architecture in ARCHITECTURES:
        with ZipFile(package(architecture)) as opened:
            found.append({name.split("/")[0] for name in opened.namelist() if ".dist-info/" in name})
    assert found[0] == found[1]


def test_the_extension_modules_are_for_the_architecture(package: Package) -> None:
    """Bytes 18 and 19 of an ELF file name the machine: 62 is x86-64, 183 AArch64.
    https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html"""
    for architecture, machine in (("x86_64", 62), ("arm64", 183)):
        with ZipFile(package(architecture)) as opened:
            libraries = [name for name in opened.namelist() if ".so" in Path(name).suffixes]
            assert libraries
            machines = {int.from_bytes(opened.read(name)[18:20], "little") for name in libraries}
        assert machines == {machine}


def test_where_lambdas_c_library_is_too_old_the_message_says_what_to_do(tmp_path: Path) -> None:
    target = tmp_path / "package.zip"
    with pytest.raises(InfraError, match=r"(?s)Pillow.*Python 3\.12 on.*make package PYTHON=python3\.12"):
        build_package(ROOT, "x86_64", target, glibc=26)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_pinned_is_refused(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("six\n")
    (tmp_path / "constraints.txt").write_text("# nothing\n")
    with pytest.raises(InfraError, match=r"six==[\d.]+"):
        build_package(tmp_path, NATIVE, tmp_path / "package.zip", glibc=GLIBC)


def _bytecode(source: str) -> str:
    path = Path(source)
    return (path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc").as_posix()
