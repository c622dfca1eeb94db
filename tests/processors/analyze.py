"""What a file is described as."""

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from chalicelib.core.files.model import Analysis
from chalicelib.processors.registry import PROCESSORS, describe


def described(content: bytes, *claims: str) -> Analysis:
    return describe(io.BytesIO(content), len(content), claims)


def facts(content: bytes, *claims: str) -> dict[str, Any]:
    """Return the one processor's facts."""
    (found,) = described(content, *claims).result.values()
    assert isinstance(found, dict)
    return found


def opened(thumbnail: bytes | None) -> Image.Image:
    """Return the thumbnail, which there is."""
    assert thumbnail is not None
    image = Image.open(io.BytesIO(thumbnail))
    assert image.format == "WEBP"
    return image


def raise_version(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """As a release does whose processor tells something new."""
    kind = PROCESSORS[name]
    monkeypatch.setitem(PROCESSORS, name, replace(kind, version=kind.version + 1))
