"""Files from Debian's packages; a kind without any is skipped.

`apt-get install sound-theme-freedesktop alsa-utils iso-codes adwaita-icon-theme libreoffice-common` brings many.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from chalicelib.core.files.model import Analysis
from chalicelib.core.media_types.extensions import type_of_extension
from chalicelib.core.media_types.type_mismatch import conflicts
from chalicelib.processors.registry import analyze

SHARE = Path("/usr/share")
EACH = 20


def find_files(*patterns: str) -> list[Path]:
    candidates = (
        path for pattern in patterns for path in SHARE.glob(pattern) if path.is_file() and path.stat().st_size
    )
    return list(islice(candidates, EACH))


def read(path: Path) -> Analysis:
    with path.open("rb") as source:
        return analyze(source, path.stat().st_size, [type_of_extension(path.name)])


KINDS = {
    "image": ("pixmaps/*.png", "icons/*/*/*/*.png", "gitweb/static/*.png", "doc/**/*.jpg", "doc/**/*.gif"),
    "svg": ("icons/*/*/*/*.svg", "doc/**/*.svg"),
    "pdf": ("doc/**/*.pdf",),
    "csv": ("distro-info/*.csv", "unicode/**/*.csv"),
    "json": ("iso-codes/json/*.json", "doc/**/*.json", "gdal/*.json"),
    "archive": ("doc/*/changelog.Debian.gz", "man/man1/*.gz", "java/*.jar"),
    "office": ("doc/**/*.docx", "doc/**/*.odt", "doc/**/*.epub"),
    "media": ("sounds/**/*.wav", "sounds/**/*.oga", "sounds/**/*.ogg"),
    "text": ("doc/*/copyright", "common-licenses/*", "perl/**/*.pl", "doc/**/*.md", "xml/**/*.xml"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_real_files_are_described(kind: str) -> None:
    paths = find_files(*KINDS[kind])
    if not paths:
        pytest.skip(f"no package with such files is installed: {', '.join(KINDS[kind])}")
    for path in paths:
        analysis = read(path)
        assert list(analysis.result) == [kind], path
        assert not conflicts(type_of_extension(path.name), analysis.detected_type), path


def pictures() -> Iterator[tuple[str, int]]:
    """Yield icons in folders that name their size, with that size."""
    for path in islice(SHARE.glob("icons/*/*x*/*/*.png"), EACH):
        side = path.parent.parent.name.split("x")[0]
        if side.isdecimal():
            yield str(path), int(side)


@pytest.mark.parametrize(
    ("path", "side"), list(pictures()) or [pytest.param("", 0, marks=pytest.mark.skip("no icons"))]
)
def test_icons_have_the_size_in_their_path(path: str, side: int) -> None:
    assert read(Path(path)).result["image"]["width"] == side
