"""Names of media types, and types of extensions."""

import pytest

from chalicelib.core.media_types.extensions import type_of_extension
from chalicelib.core.media_types.names import UNKNOWN, essence


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
        ("a.ott", "application/vnd.oasis.opendocument.text-template"),
        ("a.ppsx", "application/vnd.openxmlformats-officedocument.presentationml.slideshow"),
        ("a.js", "text/javascript"),
        ("a.mov", "video/quicktime"),
        ("a.apng", "image/png"),
        ("a.psd", "image/vnd.adobe.photoshop"),
        ("a.m3u8", "application/vnd.apple.mpegurl"),
        ("a.mht", "message/rfc822"),
        ("a.ass", "text/x-ssa"),
        ("messages.pot", None),
        ("a.docm", "application/vnd.ms-word.document.macroenabled.12"),
        ("ringtone.m4r", "audio/mp4"),
        ("sound.OGA", "audio/ogg"),
        ("camera.MTS", "video/mp2t"),
        ("GOPR0009.GPR", "image/x-adobe-dng"),
        (".png", None),
        ("..png", None),
        (".png.gz", "application/gzip"),
        (".gz", None),
        ("1.2.3.png", "image/png"),
        ("a.b/.png", None),
    ],
)
def test_type_of_extension(name: str, media_type: str | None) -> None:
    assert type_of_extension(name) == media_type


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("Image/JPG; q=1", "image/jpeg"),
        ("image/tif", "image/tiff"),
        ("image/x-tiff", "image/tiff"),
        ("application/x-zip", "application/zip"),
        ("application/x-gtar", "application/x-tar"),
        ("application/tar", "application/tar"),
        ("text/x-json", "application/json"),
        ("application/x-www-form-urlencoded", UNKNOWN),
        ("image/x-nikon-nef", "image/x-nikon-nef"),
    ],
)
def test_essence_is_the_canonical_name(name: str, canonical: str) -> None:
    assert essence(name) == canonical
