"""The processor that docs/how-to/add-a-processor.md adds as an example."""

import io
import struct
from typing import Any

import pytest

from chalicelib.processors.detection.detect import detect
from chalicelib.processors.registry import ProcessorSpec
from tests.pages.console_commands import PROJECT, code_blocks

MODULE, REGISTRATION = [
    block.text
    for block in code_blocks((PROJECT / "docs" / "how-to" / "add-a-processor.md").read_text())
    if block.language == "python"
]


def make_font(padding: int, glyphs: int = 100) -> bytes:
    """Return a font of one table, as the page describes it."""
    header = struct.pack(">4sHHHH", b"\0\1\0\0", 1, 16, 0, 0)
    offset = len(header) + 16 + padding
    return (
        header
        + struct.pack(">4sIII", b"maxp", 0, offset, 6)
        + b"\0" * padding
        + struct.pack(">IH", 0x5000, glyphs)
    )


@pytest.fixture(scope="module")
def font() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(MODULE, "font.py", "exec"), names)  # noqa: S102  # this project's own page
    return names


@pytest.mark.parametrize("padding", [0, 10_000])
def test_its_facts(font: dict[str, Any], padding: int) -> None:
    content = make_font(padding)
    result = font["describe"](io.BytesIO(content), len(content), "font/ttf")
    assert result.facts == {"glyphs": 100, "bytes_per_glyph": len(content) / 100}


def test_damaged_files_fail(font: dict[str, Any]) -> None:
    for content in (make_font(0)[:30], make_font(0)[:-1], make_font(0, glyphs=0)):
        with pytest.raises((ValueError, KeyError, ZeroDivisionError)):
            font["describe"](io.BytesIO(content), len(content), "font/ttf")


def test_its_line_in_the_registry_has_the_type_that_is_detected() -> None:
    registered = eval(f"{{{REGISTRATION}}}", {"ProcessorSpec": ProcessorSpec})  # noqa: S307  # the page's own
    content = make_font(0)
    assert registered["font"].types == (detect(io.BytesIO(content), len(content)),)
