"""Which processor describes which files, and how errors of the storage end."""

import io
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from chalicelib.core import errors
from chalicelib.core.errors import (
    RESOURCE_LIMIT_EXCEEDED,
    STORAGE_UNAVAILABLE,
    UNREADABLE_CONTENT,
    BadContentError,
    FileErrorKind,
    ObjectMissingError,
    ServiceError,
)
from chalicelib.core.files.model import Analysis
from chalicelib.processors import registry
from chalicelib.processors.formats import text
from chalicelib.processors.registry import PROCESSORS, ProcessorSpec, analyze, detect_only, module_of, versions
from tests.processors import sample_files
from tests.processors.analyze import analyze_bytes
from tests.processors.sample_files import SAMPLES, samples_of

FORMATS = Path(registry.__file__).parent / "formats"
DOCS = Path(__file__).parents[2] / "docs"


def test_each_module_in_formats_is_registered() -> None:
    modules = {path.stem for path in FORMATS.glob("*.py")} - {"__init__"}
    assert modules == set(PROCESSORS), "add the processor to registry.py"


@pytest.mark.parametrize("name", PROCESSORS)
def test_processor_module_has_the_required_names(name: str) -> None:
    processor = import_module(module_of(name))
    assert processor.LIMIT > 0
    assert any(processor.UNREADABLE is kind for kind in vars(errors).values()), "add the kind to core/errors.py"
    assert isinstance(processor.UNREADABLE, FileErrorKind)
    functions = [processor.describe]
    assert hasattr(processor, "describe_fallback") == PROCESSORS[name].has_fallback
    if PROCESSORS[name].has_fallback:
        assert PROCESSORS[name].sandboxed, "only a sandboxed processor falls back"
        functions.append(processor.describe_fallback)
    for function in functions:
        assert list(signature(function).parameters) == ["source", "size", "media_type"]


@pytest.mark.parametrize("name", PROCESSORS)
def test_processor_has_samples_that_it_describes(name: str) -> None:
    assert SAMPLES.get(name), "add a file to SAMPLES in tests/processors/sample_files.py"
    for sample in samples_of(name):
        assert list(analyze_bytes(sample, *PROCESSORS[name].types).result) == [name]


def test_samples_belong_to_processors() -> None:
    assert set(SAMPLES) == set(PROCESSORS)


@pytest.mark.parametrize(
    ("content", "declared_types", "name"),
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
def test_declared_type_selects_the_processor_of_plain_text(
    content: bytes, declared_types: list[str | None], name: str | None
) -> None:
    assert set(analyze(io.BytesIO(content), len(content), declared_types).result) == ({name} if name else set())


def test_detect_only_runs_no_processor() -> None:
    content = sample_files.make_pdf()
    analysis = detect_only(io.BytesIO(content), len(content))
    assert analysis.detected_type == "application/pdf"
    assert analysis.result == {"pdf": {"version": versions()["pdf"], "skipped": "worker_crashes"}}
    assert detect_only(io.BytesIO(b"\0"), 1).result == {}


def test_failure_includes_the_type_and_the_processors_version() -> None:
    content = sample_files.make_image("PNG")[:20]
    with pytest.raises(BadContentError) as caught:
        analyze(io.BytesIO(content), len(content))
    assert caught.value.partial_analysis == Analysis(
        detected_type="image/png", result={"image": {"version": versions()["image"]}}
    )


def test_versions_are_those_in_the_results() -> None:
    assert set(versions()) == set(PROCESSORS)
    for content in (sample_files.make_pdf(), sample_files.make_image("PNG"), b"text"):
        for name, facts in analyze_bytes(content).result.items():
            assert facts["version"] == versions()[name]


class Failing(io.BytesIO):
    """A file whose end can't be read."""

    def __init__(self, content: bytes, error: Exception, readable_bytes: int) -> None:
        super().__init__(content)
        self._error, self._readable_bytes = error, readable_bytes

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() + (size or 0) > self._readable_bytes:
            raise self._error
        return super().read(size)


LARGER = {
    "image": sample_files.make_image("PNG", (3000, 2000), compress_level=0),
    "tiff": sample_files.make_image("TIFF", (1000, 1000)),
    "text": b"text\n" * 100_000,
    "csv": b"id,name\n" + b"1,Ada\n" * 100_000,
    "json": b"[" + b"1, " * 100_000 + b"1]",
    "archive": sample_files.zip_files({"a": bytes(100_000)}, 0),
    "mail": sample_files.make_mail() + b"text\n" * 10_000,
    "office": sample_files.make_docx(),
    "pdf": sample_files.make_pdf() + b" " * 100_000,
    "media": sample_files.make_audio("wav", "pcm_s16le"),
    "svg": b"<svg data-notes='" + b"x" * 100_000 + b"' width='1' height='1'/>",
}
"""Files of which there is more to read than the first 10,000 bytes."""


def test_every_processor_has_a_larger_file() -> None:
    assert set(PROCESSORS) <= set(LARGER)


@pytest.mark.parametrize("error", [ServiceError(STORAGE_UNAVAILABLE), ObjectMissingError(), OSError("reset")])
@pytest.mark.parametrize("kind", LARGER)
def test_storage_error_is_never_reported_as_bad_content(kind: str, error: Exception) -> None:
    content = LARGER[kind]
    with pytest.raises(type(error)) as caught:
        analyze(Failing(content, error, readable_bytes=10_000), len(content))
    assert caught.value is error


def test_exception_of_a_processor_is_bad_content(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(text, "describe", fail)
    with pytest.raises(BadContentError) as caught:
        analyze_bytes(b"hello")
    assert caught.value.kind is UNREADABLE_CONTENT


def test_processor_may_read_small_files_whole_and_large_ones_up_to_its_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(text, "LIMIT", 1)
    monkeypatch.setattr("chalicelib.processors.sandbox.runner.MAX_READ_WHOLE", 1_000_000)
    assert analyze_bytes(b"x" * 1_000_000).result["text"]["lines"] == 1
    with pytest.raises(BadContentError) as caught:
        analyze_bytes(b"x" * 1_000_001)
    assert caught.value.kind is RESOURCE_LIMIT_EXCEEDED


def test_example_in_the_docs_describes_a_font() -> None:
    page = (DOCS / "how-to" / "add-a-processor.md").read_text()
    code, line = (block.split("```")[0] for block in page.split("```python\n")[1:])
    module: dict[str, Any] = {}
    exec(code, module)  # noqa: S102  # the project's own page
    (spec,) = eval(f"{{{line}}}", {"ProcessorSpec": ProcessorSpec}).values()  # noqa: S307  # likewise
    font = sample_files.make_font()
    result = module["describe"](io.BytesIO(font), 70, spec.types[0])
    assert result.facts == {"glyphs": 7, "bytes_per_glyph": 10}
