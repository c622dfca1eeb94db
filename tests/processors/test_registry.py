"""Which processor describes what, and what a fault of the storage ends in."""

import io
import struct
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from chalicelib.core.errors import (
    RESOURCE_LIMIT_EXCEEDED,
    STORAGE_UNAVAILABLE,
    UNREADABLE_CONTENT,
    BadContentError,
    ErrorKind,
    ObjectMissingError,
    ServiceError,
)
from chalicelib.core.files.model import Analysis
from chalicelib.processors import registry
from chalicelib.processors.formats import text
from chalicelib.processors.registry import PROCESSORS, describe, identify, versions
from tests.processors import sample_files
from tests.processors.analyze import described

FOLDER = Path(registry.__file__).parent / "formats"


def test_each_processor_is_registered_and_keeps_the_protocol() -> None:
    modules = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert modules == set(PROCESSORS)
    for name in modules:
        processor = import_module(f"chalicelib.processors.formats.{name}")
        assert processor.LIMIT > 0
        assert isinstance(processor.UNREADABLE, ErrorKind)
        assert callable(processor.describe)
        assert hasattr(processor, "describe_less") == PROCESSORS[name].also_less


@pytest.mark.parametrize(
    ("content", "claims", "name"),
    [
        (b"a list", ["text/csv"], "csv"),
        (b"a list", [None, "application/csv; charset=x"], "csv"),
        (b"a list", ["text/plain", "application/json"], "json"),
        (b"a list", ["image/png", "application/pdf", "text/markdown"], "text"),
        (b"a list", [], "text"),
        (b"<html></html>", ["text/csv"], "text"),
        (b'{"a": 1}', ["text/csv"], "json"),
        (b"\0\1\2\3", ["text/csv"], None),
        (b"", ["text/csv"], None),
    ],
)
def test_a_text_is_described_as_what_it_is_called(
    content: bytes, claims: list[str | None], name: str | None
) -> None:
    assert set(describe(io.BytesIO(content), len(content), claims).result) == ({name} if name else set())


def test_a_files_type_can_be_told_without_its_processor() -> None:
    content = sample_files.pdf()
    description = identify(io.BytesIO(content), len(content))
    assert description.detected_type == "application/pdf"
    assert description.result == {"pdf": {"version": versions()["pdf"], "skipped": "worker_crashes"}}
    assert identify(io.BytesIO(b"\0"), 1).result == {}


def test_a_failure_tells_the_type_and_which_version_of_what_failed() -> None:
    content = sample_files.picture("PNG")[:20]
    with pytest.raises(BadContentError) as caught:
        describe(io.BytesIO(content), len(content))
    assert caught.value.partial_analysis == Analysis(
        detected_type="image/png", result={"image": {"version": versions()["image"]}}
    )


def test_versions_are_those_in_the_results() -> None:
    assert set(versions()) == set(PROCESSORS)
    for content in (sample_files.pdf(), sample_files.picture("PNG"), b"text"):
        for name, facts in described(content).result.items():
            assert facts["version"] == versions()[name]


class Failing(io.BytesIO):
    """A file whose end the storage doesn't give out."""

    def __init__(self, content: bytes, fault: Exception, works_for: int) -> None:
        super().__init__(content)
        self._fault, self._works_for = fault, works_for

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() + (size or 0) > self._works_for:
            raise self._fault
        return super().read(size)


LARGER = {
    "image": sample_files.picture("PNG", (3000, 2000), compress_level=0),
    "tiff": sample_files.picture("TIFF", (1000, 1000)),
    "text": b"text\n" * 100_000,
    "csv": b"id,name\n" + b"1,Ada\n" * 100_000,
    "json": b"[" + b"1, " * 100_000 + b"1]",
    "archive": sample_files.zipped({"a": bytes(100_000)}, 0),
    "office": sample_files.docx(),
    "pdf": sample_files.pdf() + b" " * 100_000,
    "media": sample_files.audio("wav", "pcm_s16le"),
}
"""Files of which there is more to read than the first 10,000 bytes."""


@pytest.mark.parametrize("fault", [ServiceError(STORAGE_UNAVAILABLE), ObjectMissingError(), OSError("reset")])
@pytest.mark.parametrize("kind", LARGER)
def test_a_fault_of_the_storage_is_never_taken_for_bad_content(kind: str, fault: Exception) -> None:
    content = LARGER[kind]
    with pytest.raises(type(fault)) as caught:
        describe(Failing(content, fault, works_for=10_000), len(content))
    assert caught.value is fault


def test_what_a_processor_stumbles_over_is_bad_content(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(text, "describe", stumble)
    with pytest.raises(BadContentError) as caught:
        described(b"hello")
    assert caught.value.kind is UNREADABLE_CONTENT


def test_a_processor_may_read_a_small_file_whole_and_of_a_large_one_its_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(text, "LIMIT", 1)
    monkeypatch.setattr("chalicelib.processors.sandbox.runner.READ_WHOLE", 1_000_000)
    assert described(b"x" * 1_000_000).result["text"]["lines"] == 1
    with pytest.raises(BadContentError) as caught:
        described(b"x" * 1_000_001)
    assert caught.value.kind is RESOURCE_LIMIT_EXCEEDED


def test_the_example_in_the_docs_describes_a_font() -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "add-a-processor.md").read_text()
    code = page.split("```python\n")[1].split("```")[0]
    module: dict[str, Any] = {}
    exec(code, module)  # noqa: S102  # the project's own page
    font = (
        b"\0\1\0\0"
        + struct.pack(">HHHH", 1, 0, 0, 0)
        + struct.pack(">4sIII", b"maxp", 0, 28, 6)
        + struct.pack(">IH", 0, 7)
    )
    assert module["describe"](io.BytesIO(font), 70).facts == {"glyphs": 7, "bytes_a_glyph": 10}
