"""Limits of what analyzing a large file costs. benchmarks/processing_cost.py prints the actual costs."""

import pytest

from chalicelib.core.files.model import Analysis
from chalicelib.processors.registry import analyze, versions
from tests.processors import sample_files
from tests.processors.sparse_files import KINDS, make_docx, make_pdf, zip_maker
from tests.sparse import SparseStorage

MEBIBYTE = 1024 * 1024
GIBIBYTE = 1024 * MEBIBYTE


def cost(kind: str, size: int = GIBIBYTE) -> tuple[SparseStorage, Analysis]:
    storage = SparseStorage(KINDS[kind](size))
    with storage.open() as source:
        return storage, analyze(source, storage.file.size)


@pytest.mark.slow(1)
@pytest.mark.parametrize(
    ("kind", "fact", "value"),
    [
        ("jpeg", "width", 3000),
        ("png", "width", 3000),
        ("tiff", "width", 3000),
        ("webp", "format", "WEBP"),
        ("dng", "width", 4000),
        ("svg", "width", 3000),
        ("pdf", "pages", 1),
        ("zip", "entries", 2000),
        ("docx", "title", "Minutes"),
        ("mp4", "duration_seconds", 2.006),
        ("mkv", "duration_seconds", 2.026),
        ("wav", "duration_seconds", 5592.405),
        ("mp3", "format", "MPEG Audio"),
        ("mpeg-ts", "format", "MPEG-TS"),
    ],
)
def test_analyzing_a_gibibyte_fetches_less_than_two_mebibytes(kind: str, fact: str, value: object) -> None:
    storage, analysis = cost(kind)
    (facts,) = analysis.result.values()
    assert facts[fact] == value
    assert storage.fetched < 2 * MEBIBYTE


def test_video_with_index_beyond_the_limit_is_incomplete() -> None:
    assert cost("mkv")[1].result["media"]["incomplete"] is True
    assert "incomplete" not in cost("mp4")[1].result["media"]


def test_first_page_of_large_pdf_beyond_the_limit_is_skipped() -> None:
    drawn = b"0 0 m 1 1 l S\n" * 150_000
    storage = SparseStorage(make_pdf(GIBIBYTE, drawn))
    with storage.open() as source:
        analysis = analyze(source, storage.file.size)
    assert analysis.result["pdf"] == {"version": versions()["pdf"], "pages": 1, "first_page_skipped": True}
    assert analysis.thumbnail is None
    assert storage.fetched < 2 * MEBIBYTE


@pytest.mark.parametrize("objects", [60_000, 200_000])
def test_large_pdf_of_many_objects_is_incomplete(objects: int) -> None:
    storage = SparseStorage(make_pdf(GIBIBYTE, more=objects))
    with storage.open() as source:
        facts = analyze(source, storage.file.size).result["pdf"]
    assert facts.get("pages", 0) == (1 if objects == 60_000 else 0)
    assert facts.get("incomplete", False) == (objects > 60_000)
    assert storage.fetched < 2 * MEBIBYTE


@pytest.mark.parametrize("kind", ["pdf", "dng"])
def test_large_file_has_a_thumbnail(kind: str) -> None:
    assert cost(kind)[1].thumbnail is not None


def test_camera_raw_takes_one_request_for_its_facts_and_one_for_its_preview() -> None:
    assert cost("dng")[0].requests == 2


@pytest.mark.slow(2.5)
@pytest.mark.parametrize(
    ("kind", "fact", "per_mebibyte", "fetched"),
    [
        ("text", "lines", MEBIBYTE / 24, 32),
        ("csv", "rows", MEBIBYTE / 18, 32),
        ("mbox", "messages", MEBIBYTE / (len(sample_files.make_mbox()) / 2), 32),
        ("json", "length", MEBIBYTE / 43, 16),
        ("ndjson", "documents", MEBIBYTE / 41, 16),
        ("tar", "entries", 1 / 10, 8.5),
        ("gzip", "unpacked_size", 6.7 * MEBIBYTE, 8),
    ],
)  # fmt: skip
def test_counts_of_large_files_are_estimates_from_a_part(
    kind: str, fact: str, per_mebibyte: float, fetched: float
) -> None:
    storage, analysis = cost(kind)
    (facts,) = analysis.result.values()
    assert facts[f"{fact}_estimated"] is True
    assert abs(facts[fact] / (per_mebibyte * 1024) - 1) < 0.05
    assert storage.fetched <= fetched * MEBIBYTE


@pytest.mark.slow(1)
def test_size_of_large_attachment_is_an_estimate() -> None:
    storage, analysis = cost("eml")
    facts = analysis.result["mail"]
    (attachment,) = facts["attachments"]
    assert (facts["subject"], facts["incomplete"], attachment["size_estimated"]) == ("Minutes", True, True)
    assert abs(attachment["size"] / (GIBIBYTE * 54 / 73) - 1) < 0.01
    assert storage.fetched <= 32 * MEBIBYTE


@pytest.mark.slow(3)
def test_no_block_is_fetched_twice() -> None:
    for kind in ("text", "csv", "json", "ndjson", "png", "tiff"):
        storage, _ = cost(kind, 4 * MEBIBYTE)
        assert storage.fetched <= 4 * MEBIBYTE, kind


@pytest.mark.slow(3)
@pytest.mark.parametrize("entries", [5_000, 10_000, 15_000, 20_000, 40_000, 70_000])
def test_large_zip_of_many_entries_is_counted(entries: int) -> None:
    storage = SparseStorage(zip_maker(entries)(GIBIBYTE))
    with storage.open() as source:
        facts = analyze(source, storage.file.size).result["archive"]
    assert facts["entries"] == entries
    assert facts.get("directory_too_large", False) == (entries > 20_000)
    assert storage.fetched < 2 * MEBIBYTE


@pytest.mark.slow(2)
@pytest.mark.parametrize("parts", [1_000, 8_000, 11_000])
def test_large_document_of_many_parts_is_detected(parts: int) -> None:
    storage = SparseStorage(make_docx(GIBIBYTE, parts))
    with storage.open() as source:
        analysis = analyze(source, storage.file.size)
    assert analysis.detected_type.endswith("wordprocessingml.document")
    assert analysis.result["office"].get("title", "Minutes") == "Minutes"
    assert storage.fetched < 2 * MEBIBYTE
