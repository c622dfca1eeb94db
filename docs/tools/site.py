"""Build the documentation as a web site in build/docs.

python -m docs.tools.site

Zensical reads one folder. So the pages are copied into build/docs-pages, with those that are beside `docs/`.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "zensical.toml"
SOURCE = ROOT / "build" / "docs-pages"

PAGES_BESIDE = ("CHANGELOG.md", "CONTRIBUTING.md")
FILES = ("*.md", "images/*", "reference/openapi.json")

_LINK = re.compile(r"\]\((?P<target>[^)\s#]+)")


def copy_pages(destination: Path) -> None:
    """Copy all pages, with links that fit the folder that they are copied to.

    A link to a file of the repository that is no page becomes the file's name.
    """
    shutil.rmtree(destination, ignore_errors=True)
    for path in sorted(list_files()):
        copy = destination / path.name if path.parent == ROOT else destination / path.relative_to(ROOT / "docs")
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            copy.write_text(move_links(path))
        else:
            shutil.copyfile(path, copy)


def list_files() -> Iterator[Path]:
    """Yield the pages, and what they show."""
    for pattern in FILES:
        yield from (ROOT / "docs").rglob(pattern)
    yield from (ROOT / name for name in PAGES_BESIDE)


def move_links(page: Path) -> str:
    """Return a page's text with links as they are after copying."""
    beside = {ROOT / name: name for name in PAGES_BESIDE}
    up = "../" * len(page.relative_to(ROOT / "docs").parents[1:]) if page.is_relative_to(ROOT / "docs") else ""

    def move(match: re.Match[str]) -> str:
        target = (page.parent / match["target"]).resolve()
        if target in beside:
            return f"]({up}{beside[target]}"
        if page.parent == ROOT and target.is_relative_to(ROOT / "docs"):
            return f"]({target.relative_to(ROOT / 'docs').as_posix()}"
        return match[0]

    return _LINK.sub(move, page.read_text())


def main() -> int:
    """Build the site. Return zensical's exit code: not 0 if a link leads nowhere."""
    copy_pages(SOURCE)
    command = [
        sys.executable,
        "-m",
        "zensical",
        "build",
        "--strict",
        "--clean",
        "--config-file",
        str(CONFIGURATION),
    ]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
