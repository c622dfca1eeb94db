"""Analyze files that are in memory."""

import io
from typing import Any

import pytest
from msgspec.structs import replace
from PIL import Image

from chalicelib.core.files.model import Analysis
from chalicelib.processors import registry
from chalicelib.processors.registry import PROCESSORS


def analyze_bytes(content: bytes, *declared_types: str) -> Analysis:
    return registry.analyze(io.BytesIO(content), len(content), declared_types)


def facts_of(content: bytes, *declared_types: str) -> dict[str, Any]:
    """Return the facts of the one processor in the result."""
    (facts,) = analyze_bytes(content, *declared_types).result.values()
    assert isinstance(facts, dict)
    return facts


def open_thumbnail(thumbnail: bytes | None) -> Image.Image:
    assert thumbnail is not None
    image = Image.open(io.BytesIO(thumbnail))
    assert image.format == "WEBP"
    return image


def raise_version(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let the processor have a new version, as after a release."""
    spec = PROCESSORS[name]
    monkeypatch.setitem(PROCESSORS, name, replace(spec, version=spec.version + 1))
