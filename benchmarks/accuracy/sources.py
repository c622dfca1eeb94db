"""Fetch the source packages whose tests are corpora, into build/accuracy, once."""

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

BUILD = Path(__file__).parents[2] / "build" / "accuracy"


def fetch_from_pypi(requirement: str) -> Path:
    """Return the unpacked source distribution of `name==version`."""
    name, _, version = requirement.partition("==")
    folder = BUILD / f"{name}-{version}"
    if not folder.is_dir():
        BUILD.mkdir(parents=True, exist_ok=True)
        options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-binary", ":all:", "--dest", str(BUILD)]
        subprocess.run([sys.executable, "-m", "pip", "download", *options, requirement], check=True)
        _unpack(BUILD / f"{folder.name}.tar.gz")
    return folder


def fetch_wheel_from_pypi(requirement: str) -> Path:
    """Return the unpacked wheel of `name==version`, which is for any system."""
    folder = BUILD / f"{requirement.replace('==', '-')}-wheel"
    if not folder.is_dir():
        BUILD.mkdir(parents=True, exist_ok=True)
        options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(BUILD)]
        subprocess.run([sys.executable, "-m", "pip", "download", *options, requirement], check=True)
        (wheel,) = BUILD.glob(f"{folder.name.removesuffix('-wheel')}-*.whl")
        with zipfile.ZipFile(wheel) as opened:
            opened.extractall(folder)  # noqa: S202  # nosec B202  # Django, of a pinned version
    return folder


def fetch_from_debian(package: str) -> Path | None:
    """Return the unpacked source package of the machine's own Debian release; None on another system."""
    if (folder := _find(package)) is None and (entries := _write_source_entries()) is not None:
        lists = BUILD / "apt"
        (lists / "partial").mkdir(parents=True, exist_ok=True)
        options = [f"Dir::Etc::sourcelist={entries}", "Dir::Etc::sourceparts=-", f"Dir::State::lists={lists}"]
        apt = ["apt-get", "--quiet=2", *(f"--option={option}" for option in options)]
        try:
            subprocess.run([*apt, "update"], check=True)
            subprocess.run([*apt, "source", "--download-only", package], check=True, cwd=BUILD)
        except (OSError, subprocess.CalledProcessError):
            return None
        for archive in BUILD.glob(f"{package}_*.orig.tar.*[!c]"):
            _unpack(archive)
        folder = _find(package)
    return folder


def _find(package: str) -> Path | None:
    return next((folder for folder in BUILD.glob(f"{package}-*") if folder.is_dir()), None)


def _write_source_entries() -> Path | None:
    """Write the machine's entries of apt(8) as ones for source packages, in the same format."""
    for path in (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list")):
        if path.is_file():
            BUILD.mkdir(parents=True, exist_ok=True)
            entries = BUILD / f"source-packages{path.suffix}"
            text = re.sub(r"^(Types:\s+)deb$", r"\1deb-src", path.read_text(), flags=re.MULTILINE)
            entries.write_text(re.sub(r"^deb ", "deb-src ", text, flags=re.MULTILINE))
            return entries
    return None


def _unpack(archive: Path) -> None:
    with tarfile.open(archive) as opened:
        opened.extractall(BUILD, filter="data")
