"""What contradicts what."""

import pytest

from chalicelib.core.media_types import contradict, of_extension


@pytest.mark.parametrize(
    ("claimed", "detected"),
    [
        ("image/png", "image/png"),
        ("IMAGE/PNG; charset=x", "image/png"),
        ("image/jpg", "image/jpeg"),
        ("text/csv", "text/plain"),
        ("text/plain;charset=UTF-8", "text/html"),
        ("application/json", "text/plain"),
        ("image/svg+xml", "application/xml"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/zip"),
        ("application/x-zip-compressed", "application/zip"),
        ("application/octet-stream", "image/png"),
        ("binary/octet-stream", "image/png"),
        ("image/png", "application/octet-stream"),
        ("image/png", "application/x-empty"),
        (None, "image/png"),
        ("image/png", None),
        ("audio/x-wav", "audio/wave"),
        ("application/vnd.ms-excel", "text/csv"),
        ("application/x-csh", "text/plain"),
        ("text/markdown", "text/html"),
        ("text/x-python", "text/csv"),
        ("application/geo+json", "application/json"),
        ("application/x-ndjson", "application/json"),
        ("text/html", "application/xhtml+xml"),
        ("application/zip", "application/vnd.oasis.opendocument.text"),
        ("application/zip", "application/java-archive"),
        ("audio/mp4", "video/mp4"),
        ("audio/x-matroska", "video/x-matroska"),
        ("audio/ogg", "video/ogg"),
        ("video/mp4", "video/3gpp"),
        ("application/msword", "application/x-ole-storage"),
        ("image/heif", "image/heic"),
        ("image/x-nikon-nef", "image/tiff"),
        ("audio/mp3", "audio/mpeg"),
        ("video/avi", "video/x-msvideo"),
        ("application/x-tgz", "application/gzip"),
    ],
)
def test_what_a_person_would_grant(claimed: str | None, detected: str | None) -> None:
    assert not contradict(claimed, detected)


@pytest.mark.parametrize(
    ("claimed", "detected"),
    [
        ("image/png", "image/jpeg"),
        ("image/png", "text/html"),
        ("image/png", "text/csv"),
        ("application/pdf", "application/zip"),
        ("application/pdf", "text/plain"),
        ("text/csv", "application/json"),
        ("text/csv", "text/html"),
        ("image/svg+xml", "text/html"),
        ("text/csv", "application/zip"),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.ms-word.document.macroEnabled.12",
        ),
        ("video/mp4", "audio/mpeg"),
        ("application/msword", "application/zip"),
        ("text/plain", "application/x-executable"),
    ],
)
def test_what_is_a_mismatch(claimed: str, detected: str) -> None:
    assert contradict(claimed, detected)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.PNG", "image/png"),
        ("a.tar.gz", "application/gzip"),
        ("a.txt", "text/plain"),
        ("a", None),
        ("a.xyzzy", None),
        ("data:image/png;base64,evil.exe", "application/octet-stream"),
        ("notes.md", "text/markdown"),
        ("sound.wav", "audio/wav"),
        ("a.heic", "image/heic"),
        ("film.mkv", "video/x-matroska"),
        ("a.tgz", "application/gzip"),
        ("a.jsonl", "application/x-ndjson"),
        ("a.ods", "application/vnd.oasis.opendocument.spreadsheet"),
        ("a.docm", "application/vnd.ms-word.document.macroenabled.12"),
    ],
)
def test_extensions(name: str, media_type: str | None) -> None:
    assert of_extension(name) == media_type
