"""Mismatches of a file's name, declared type and content."""

import pytest

from chalicelib.core.media_types.extensions import type_of_extension
from chalicelib.core.media_types.type_mismatch import conflicts, is_mismatch


@pytest.mark.parametrize("name", ["a.tgz", "a.tar.gz", "a.taz"])
def test_compressed_tar_is_no_mismatch(name: str) -> None:
    assert not conflicts(type_of_extension(name), "application/gzip")
    assert conflicts(type_of_extension(name), "application/x-tar")


@pytest.mark.parametrize(
    ("name", "declared", "detected"),
    [
        ("a.csv.gz", "text/csv", "application/gzip"),
        ("a.json.gz", "application/json", "application/gzip"),
        ("a.sql.xz", "application/x-sql", "application/x-xz"),
        ("a.svgz", "image/svg+xml", "application/gzip"),
        ("a.csv", "text/csv", "text/plain"),
        ("a", None, "image/png"),
        ("a.png", "image/png", None),
    ],
)
def test_agreeing_types_are_no_mismatch(name: str, declared: str | None, detected: str | None) -> None:
    assert not is_mismatch(name, declared, detected)


@pytest.mark.parametrize(
    ("name", "declared", "detected"),
    [
        ("a.csv.gz", "application/json", "application/gzip"),
        ("a.csv.gz", "text/csv", "application/x-xz"),
        ("a.csv.gz", "text/csv", "text/csv"),
        ("a.csv", "text/csv", "application/gzip"),
        ("a.gz", "text/csv", "application/gzip"),
        ("a.png", "image/jpeg", "image/png"),
        ("a.jpg", "image/png", "image/png"),
        ("a", "image/jpeg", "image/png"),
    ],
)
def test_conflicting_types_are_a_mismatch(name: str, declared: str | None, detected: str) -> None:
    assert is_mismatch(name, declared, detected)


@pytest.mark.parametrize(
    ("name", "result", "mismatch"),
    [
        ("a.docx", {"archive": {"entries": 3}}, True),
        ("a.docx", {"archive": {"entries": 90_000, "directory_too_large": True}}, False),
        ("a.apk", {"archive": {"entries": 90_000, "directory_too_large": True}}, False),
        ("a.png", {"archive": {"entries": 90_000, "directory_too_large": True}}, True),
        ("a.docx", None, True),
    ],
)
def test_zip_with_unread_directory_may_be_any_zip(
    name: str, result: dict[str, object] | None, mismatch: bool
) -> None:
    assert is_mismatch(name, None, "application/zip", result=result) is mismatch
