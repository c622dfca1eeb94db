"""Files made to do harm end described or as bad content, in little time and memory."""

import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from chalicelib.core.errors import BadContentError
from tests.processors import hostile_files, hostile_images, sample_files
from tests.processors.analyze import analyze_bytes, facts_of
from tests.processors.measure_memory import MAX_MEBIBYTES, measure_memory

SECONDS = 30
"""On a machine that does other things too; nothing here takes more than four alone."""

DESCRIBED_AS = {
    **dict.fromkeys(("zip", "gzip", "xz", "tar"), "archive"),
    "docx": "office",
    **dict.fromkeys(("png", "gif", "tiff", "jpeg"), "image"),
    "csv": "text",  # nobody says that it is a table
}
ALL = hostile_files.ALL | hostile_images.ALL

BAD_CONTENT = {
    "tiff_of_three_million_strips": "resource_limit_exceeded",
    "png_with_a_text_that_unpacks": "unreadable_image",
    "png_with_a_chunk_of_two_gigabytes": "unreadable_image",
    "svg_of_a_billion_laughs": "unreadable_image",
}


@pytest.mark.slow(1.5)
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
@pytest.mark.parametrize("name", ALL)
def test_it_ends_in_bounded_time_and_memory(name: str, tmp_path: Path) -> None:
    content = ALL[name]()
    begin = time.monotonic()
    told, memory = measure_memory(content, tmp_path)
    assert time.monotonic() - begin < SECONDS
    assert memory < MAX_MEBIBYTES
    kind = name.split("_")[0]
    assert told == BAD_CONTENT.get(name, DESCRIBED_AS.get(kind, kind))


@pytest.mark.slow(1.2)
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
@pytest.mark.parametrize("name", [name for name in hostile_files.ALL if name.startswith("csv_")])
def test_a_table_takes_less_than_80_mebibytes(name: str, tmp_path: Path) -> None:
    told, memory = measure_memory(ALL[name](), tmp_path, "text/csv")
    assert told == "csv"
    assert memory - measure_memory(b"id,name\n1,Ada\n", tmp_path, "text/csv")[1] < 80


def test_bombs_are_named() -> None:
    assert facts_of(hostile_files.zip_of_zeros())["bomb"] is True
    assert facts_of(hostile_files.gzip_of_zeros())["bomb"] is True
    shared = facts_of(hostile_files.zip_whose_entries_share_their_bytes())
    assert (shared["bomb"], shared["overlapping"]) == (True, True)
    assert facts_of(hostile_files.zip_in_zip())["archives_inside"] == 1


@pytest.mark.parametrize("name", ["jpeg_in_three_scans", "tiff_with_a_tile_of_a_gigabyte"])
def test_a_picture_that_takes_too_much_is_measured(name: str) -> None:
    found = facts_of(ALL[name]())
    assert found["width"] in {15_000, 64}
    assert found["thumbnail_skipped"] == "too_large"


def test_a_picture_needs_no_exif() -> None:
    description = analyze_bytes(hostile_images.png_with_exif_of_fifteen_million_numbers())
    assert description.thumbnail is not None
    assert "exif" not in description.result["image"]


@pytest.mark.slow(5)
def test_an_archive_that_takes_too_much_is_named() -> None:
    found = facts_of(hostile_files.gzip_of_a_tar_whose_header_is_thirty_megabytes())
    assert (found["format"], found["contains"], found["entries_estimated"]) == ("gzip", "tar", True)
    assert "damaged" not in found
    found = facts_of(hostile_files.gzip_of_a_tar_with_a_million_holes())
    assert found["format"] == "gzip"
    assert "damaged" not in found
    found = facts_of(hostile_files.xz_with_a_dictionary_of_a_gigabyte())
    assert found == {"version": 2, "format": "xz", "incomplete": True}


def test_a_page_that_takes_everything_leaves_what_can_be_told_without_it() -> None:
    found = facts_of(hostile_files.pdf_with_a_bomb_for_a_page())
    assert (found["pages"], found["first_page_skipped"]) == (1, True)


def test_a_table_that_was_made_to_be_slow() -> None:
    begin = time.monotonic()
    for content in (hostile_files.csv_of_quotes(), hostile_files.csv_of_a_million_columns()):
        assert "column_count" in facts_of(content, "text/csv")
    assert time.monotonic() - begin < SECONDS


@pytest.mark.parametrize("name", hostile_files.POLYGLOTS)
def test_a_polyglot_is_what_it_begins_like(name: str) -> None:
    content, media_type = hostile_files.POLYGLOTS[name]
    detected = media_type
    with suppress(BadContentError):
        detected = analyze_bytes(content).detected_type
    assert detected == media_type


WHOLE = {
    **{
        kind: sample_files.picture(kind, (300, 200))
        for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF")
    },
    "HEIC": sample_files.HEIC,
    "PDF": sample_files.pdf(),
    "DOCX": sample_files.docx(),
    "EPUB": sample_files.epub(),
    "zip": sample_files.zipped({"a.txt": "a" * 1000}),
    "MP4": sample_files.video("mp4"),
    "MKV": sample_files.video("matroska"),
    "MP3": sample_files.audio("mp3", "libmp3lame"),
    "FLAC": sample_files.audio("flac", "flac"),
    "SVG": b"<?xml version='1.0'?><svg width='30' height='20' viewBox='0 0 30 20'><path d='M 0 0'/></svg>",
    "JSON": b'{"a": [1, 2, {"b": "text"}]}',
    "CSV": b"id,name\n1,Ada\n2,Bob\n",
}


@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.98])
@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_was_cut_off(name: str, share: float) -> None:
    content = WHOLE[name]
    with suppress(BadContentError):
        analyze_bytes(content[: int(len(content) * share)])
