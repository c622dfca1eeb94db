"""Building the web pages from web/ into chalicelib/web, which git ignores and every deployment contains.

Names of assets contain a hash of their content, so that browsers may keep them forever.
"""

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from web.errors import WebError
from web.npm import Report, bundle, install_packages

PROJECT_ROOT = Path(__file__).parents[1]

FINGERPRINT = ".fingerprint"
"""The file with the hash of the sources that were built. Hidden, so that it isn't deployed."""

API_TYPES = "schema.d.ts"
"""Made from the description of the API, for checking types only."""

SWAGGER_UI = Path("node_modules", "swagger-ui-dist")
ASSETS = ("swagger-ui-bundle.js", "swagger-ui.css")
"""Of Swagger UI: the script with all that it needs, and the styles."""

LICENCES = ("NOTICE", "LICENSE", "swagger-ui-bundle.js.LICENSE.txt")
"""Its licence, and those of what its script contains. All require to be distributed with the code."""

PAGE = "index.html"


def build_outdated_pages(report: Report, project: Path = PROJECT_ROOT) -> None:
    """Build the pages into chalicelib/web unless they were built from the same sources.

    Raises WebError, or OSError where files can't be written.
    A failed build keeps what was there. What a killed one leaves is replaced by the next. Processes that build at
    the same time wait for each other.
    """
    if is_up_to_date(project):
        return
    with _lock(project):
        if is_up_to_date(project):
            return
        report("Building the web pages.")
        install_packages(project, report)
        staging = project / "build" / "web"
        shutil.rmtree(staging, ignore_errors=True)
        try:
            bundle(project, staging, report)
            add_docs_assets(project / "web", staging / "docs")
            add_page_assets(project / "web", staging / "page")
            _replace(_destination(project), staging, fingerprint(project))
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def is_up_to_date(project: Path) -> bool:
    """Return whether chalicelib/web was built from the sources as they are."""
    built = _destination(project)
    if not all((built / name).is_file() for name in (FINGERPRINT, f"docs/{PAGE}", f"page/{PAGE}")):
        return False
    return (built / FINGERPRINT).read_text() == fingerprint(project)


def fingerprint(project: Path) -> str:
    """Return a hash of the names and contents of everything in web/ that a page is built from."""
    digest = hashlib.sha256()
    for path in sorted(_sources(project / "web")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(project).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def add_docs_assets(sources: Path, destination: Path) -> None:
    """Add to the API's documentation what it refers to besides its bundled script: assets/, with hashed names.

    Raises WebError if the page doesn't refer to one of these files.
    """
    swagger_ui = sources / SWAGGER_UI
    assets = {name: (swagger_ui / name).read_bytes() for name in ASSETS}
    assets |= {path.name: path.read_bytes() for path in (sources / "docs").iterdir() if path.name != PAGE}
    assets["licences.txt"] = b"\n\n".join((swagger_ui / name).read_bytes() for name in LICENCES)
    (destination / "assets").mkdir()
    _add_assets(destination, "./docs/assets", assets)


def add_page_assets(sources: Path, destination: Path) -> None:
    """Add to the page at `/` what it refers to besides its bundled scripts. Raises WebError, too."""
    assets = {path.name: path.read_bytes() for path in (sources / "page").iterdir() if path.name != PAGE}
    assets["licences.txt"] = (destination / "licences.txt").read_bytes()
    (destination / "licences.txt").unlink()
    _add_assets(destination, "./assets", assets)


def _add_assets(destination: Path, url: str, assets: dict[str, bytes]) -> None:
    """Write the assets with hashed names, and these names into the page. Raises WebError."""
    page = (destination / PAGE).read_text()
    for name, content in assets.items():
        hashed = hash_name(name, content)
        if f'"{url}/{name}"' not in page:
            raise WebError(f"The page {destination.name} doesn't refer to {name}.")
        page = page.replace(f'"{url}/{name}"', f'"{url}/{hashed}"')
        (destination / "assets" / hashed).write_bytes(content)
    (destination / PAGE).write_text(page)


def hash_name(name: str, content: bytes) -> str:
    """Return a file name with part of the hash of the file's content in it, such as `docs-0a1b2c3d4e.js`."""
    stem, _, extension = name.rpartition(".")
    return f"{stem}-{hashlib.sha256(content).hexdigest()[:10]}.{extension}"


def _replace(destination: Path, staging: Path, built_from: str) -> None:
    """Replace the pages. The fingerprint goes first and comes last: with one, the pages are complete."""
    (destination / FINGERPRINT).unlink(missing_ok=True)
    if destination.exists():
        shutil.rmtree(destination)
    shutil.move(staging, destination)
    (destination / FINGERPRINT).write_text(built_from)


def _sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in {"node_modules", "__pycache__", "tools"}:
            yield from _sources(path)
        elif path.is_file() and path.name != API_TYPES:
            yield path


def _destination(project: Path) -> Path:
    return project / "chalicelib" / "web"


@contextmanager
def _lock(project: Path) -> Iterator[None]:
    (project / "build").mkdir(exist_ok=True)
    with (project / "build" / "web.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
