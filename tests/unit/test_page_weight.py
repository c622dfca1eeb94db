"""What a browser loads for the web page, compressed as API Gateway does it."""

import gzip
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from emulator.compression import LEVEL

PAGE = Path(__file__).parents[2] / "chalicelib" / "web" / "page"


def compressed_size(files: Iterable[Path]) -> int:
    return sum(len(gzip.compress(path.read_bytes(), LEVEL)) for path in files)


def first_files() -> set[Path]:
    """The page, and all that it loads before its script runs."""
    index = PAGE / "index.html"
    loaded = re.findall(
        r'<(?:script|link rel="(?:stylesheet|icon|modulepreload)")[^>]* (?:src|href)="\./([^"]+)"',
        index.read_text(),
    )
    return {index, *(PAGE / name for name in loaded)}


@pytest.mark.usefixtures("built_pages")
def test_the_list_takes_less_than_60_kb() -> None:
    files = first_files()
    assert {path.suffix for path in files} == {".html", ".js", ".css", ".svg"}
    assert compressed_size(files) < 60_000


@pytest.mark.usefixtures("built_pages")
def test_all_scripts_with_the_dashboard_take_less_than_260_kb() -> None:
    """Also those that are loaded only when they are needed."""
    files = {path for path in (PAGE / "assets").iterdir() if path.suffix != ".txt"} | {PAGE / "index.html"}
    assert files > first_files()
    assert compressed_size(files) < 260_000
