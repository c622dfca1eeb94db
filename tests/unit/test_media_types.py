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
    ],
)
def test_what_a_person_would_grant(claimed: str | None, detected: str | None) -> None:
    assert not contradict(claimed, detected)


@pytest.mark.parametrize(
    ("claimed", "detected"),
    [("image/png", "image/jpeg"), ("image/png", "text/html"), ("application/pdf", "application/zip")],
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
    ],
)
def test_extensions(name: str, media_type: str | None) -> None:
    assert of_extension(name) == media_type
