"""Hostile files are described or refused, in limited time and memory."""

import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from chalicelib.core.errors import BadContentError
from tests.processors import hostile_files, hostile_images, hostile_mail, sample_files
from tests.processors.analyze import analyze_bytes, facts_of
from tests.processors.measure_memory import MAX_MEBIBYTES, measure_memory

SECONDS = 30
"""On a busy machine; on an idle one, no test takes more than four."""

DESCRIBED_AS = {
    **dict.fromkeys(("zip", "gzip", "xz", "zstd", "tar"), "archive"),
    **dict.fromkeys(("docx", "ods", "odt"), "office"),
    **dict.fromkeys(("png", "gif", "tiff", "jpeg", "dng"), "image"),
    "csv": "text",  # not declared as CSV
    **dict.fromkeys(("mbox", "msg"), "mail"),
}
ALL = hostile_files.ALL | hostile_images.ALL | hostile_mail.ALL

BAD_CONTENT = {
    "tiff_of_three_million_strips": "resource_limit_exceeded",
    "png_with_a_text_that_unpacks": "unreadable_image",
    "png_with_a_chunk_of_two_gigabytes": "unreadable_image",
    "svg_of_a_billion_laughs": "unreadable_image",
}

FACTS: dict[str, dict[str, object]] = {
    "gzip_of_a_tar_whose_header_is_thirty_megabytes": {
        "format": "gzip",
        "contains": "tar",
        "entries_estimated": True,
    },
    "gzip_of_a_tar_with_a_million_holes": {"format": "gzip"},
    "xz_with_a_dictionary_of_a_gigabyte": {"format": "xz", "incomplete": True},
}
"""Some of the facts of archives that exceed the limits, none of which is described as damaged."""


@pytest.mark.slow(1.5)
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
@pytest.mark.parametrize("name", ALL)
def test_hostile_file_takes_bounded_time_and_memory(name: str, tmp_path: Path) -> None:
    content = ALL[name]()
    begin = time.monotonic()
    measured = measure_memory(content, tmp_path)
    assert time.monotonic() - begin < SECONDS
    assert measured.mebibytes < MAX_MEBIBYTES
    kind = name.split("_")[0]
    assert measured.ending == BAD_CONTENT.get(name, DESCRIBED_AS.get(kind, kind))
    assert measured.facts.items() >= FACTS.get(name, {}).items()
    assert "damaged" not in measured.facts or name not in FACTS


@pytest.mark.slow(1.2)
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
@pytest.mark.parametrize("name", [name for name in hostile_files.ALL if name.startswith("csv_")])
def test_hostile_table_takes_less_than_80_mebibytes(name: str, tmp_path: Path) -> None:
    measured = measure_memory(ALL[name](), tmp_path, "text/csv")
    assert measured.ending == "csv"
    small = measure_memory(b"id,name\n1,Ada\n", tmp_path, "text/csv")
    assert measured.mebibytes - small.mebibytes < 80


def test_bombs_are_flagged() -> None:
    assert facts_of(hostile_files.zip_of_zeros())["bomb"] is True
    assert facts_of(hostile_files.gzip_of_zeros())["bomb"] is True
    assert facts_of(hostile_files.zstd_of_zeros())["bomb"] is True
    shared = facts_of(hostile_files.zip_whose_entries_share_their_bytes())
    assert (shared["bomb"], shared["overlapping"]) == (True, True)
    assert facts_of(hostile_files.zip_in_zip())["archives_inside"] == 1


@pytest.mark.parametrize("name", ["jpeg_in_three_scans", "tiff_with_a_tile_of_a_gigabyte"])
def test_picture_too_large_to_decode_has_its_width(name: str) -> None:
    facts = facts_of(ALL[name]())
    assert facts["width"] in {15_000, 64}
    assert facts["thumbnail_skipped"] == "too_large"


def test_hostile_exif_is_skipped() -> None:
    analysis = analyze_bytes(hostile_images.png_with_exif_of_fifteen_million_numbers())
    assert analysis.thumbnail is not None
    assert "exif" not in analysis.result["image"]


def test_hostile_first_page_is_skipped() -> None:
    facts = facts_of(hostile_files.pdf_with_a_bomb_for_a_page())
    assert (facts["pages"], facts["first_page_skipped"]) == (1, True)


def test_table_made_to_be_slow_is_described_in_time() -> None:
    begin = time.monotonic()
    for content in (hostile_files.csv_of_quotes(), hostile_files.csv_of_a_million_columns()):
        assert "column_count" in facts_of(content, "text/csv")
    assert time.monotonic() - begin < SECONDS


@pytest.mark.parametrize("name", hostile_files.POLYGLOTS)
def test_polyglot_has_the_type_of_its_beginning(name: str) -> None:
    content, media_type = hostile_files.POLYGLOTS[name]
    detected = media_type
    with suppress(BadContentError):
        detected = analyze_bytes(content).detected_type
    assert detected == media_type


WHOLE = {
    **{
        kind: sample_files.make_image(kind, (300, 200))
        for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF")
    },
    "HEIC": sample_files.HEIC,
    "PDF": sample_files.make_pdf(),
    "DOCX": sample_files.make_docx(),
    "EPUB": sample_files.make_epub(),
    "zip": sample_files.zip_files({"a.txt": "a" * 1000}),
    "MP4": sample_files.make_video("mp4"),
    "MKV": sample_files.make_video("matroska"),
    "MP3": sample_files.make_audio("mp3", "libmp3lame"),
    "FLAC": sample_files.make_audio("flac", "flac"),
    "SVG": b"<?xml version='1.0'?><svg width='30' height='20' viewBox='0 0 30 20'><path d='M 0 0'/></svg>",
    "JSON": b'{"a": [1, 2, {"b": "text"}]}',
    "CSV": b"id,name\n1,Ada\n2,Bob\n",
}


@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.98])
@pytest.mark.parametrize("name", WHOLE)
def test_truncated_file_is_described_or_refused(name: str, share: float) -> None:
    content = WHOLE[name]
    with suppress(BadContentError):
        analyze_bytes(content[: int(len(content) * share)])
