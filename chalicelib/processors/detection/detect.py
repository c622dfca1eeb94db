"""Detect a file's media type from its content: its first bytes, and for containers what is inside."""

from typing import BinaryIO

from chalicelib.core.media_types.names import EMPTY, OLE, TIFF, UNKNOWN, ZIP
from chalicelib.processors.detection.match_head import match_head, match_short_signature
from chalicelib.processors.detection.pdf import match_pdf_in_data, match_pdf_in_text
from chalicelib.processors.detection.text_types import detect_text_type
from chalicelib.processors.detection.trailers import detect_by_trailer
from chalicelib.processors.structures.id3 import has_id3_tag, measure_id3_tag
from chalicelib.processors.text.is_text import is_text

HEAD = 8192
"""Bytes that are inspected."""

_CONTAINERS = frozenset({OLE, TIFF, ZIP})
_VIDEO = "video/"


def detect(source: BinaryIO, size: int) -> str:
    """Return the content's media type, or `application/octet-stream`."""
    source.seek(0)
    head = source.read(HEAD)
    if not head:
        return EMPTY
    if has_id3_tag(head):
        return _detect_behind_tag(source, head)
    media_type = _detect_by_head(head, size)
    if media_type == UNKNOWN:
        return detect_by_trailer(source, size, head)
    if media_type in _CONTAINERS or media_type.startswith(_VIDEO):
        return _look_inside(media_type, source, size, head)
    return media_type


def _look_inside(media_type: str, source: BinaryIO, size: int, head: bytes) -> str:
    """Return a more exact type than the container's, or the same. What detects it bounds what it reads, and is
    loaded with the first such file: a cold start waits for it."""
    if media_type == ZIP:
        from chalicelib.processors.detection.zip_types import detect_zip_type

        return detect_zip_type(source, size, head)
    if media_type == OLE:
        from chalicelib.processors.detection.compound_file import detect_compound_file_type

        return detect_compound_file_type(source, size, head)
    if media_type == TIFF:
        from chalicelib.processors.detection.camera_raw import detect_raw_type

        return detect_raw_type(source, size, head)
    from chalicelib.processors.detection.audio_only import detect_audio_only

    return detect_audio_only(source, size, media_type)


def _detect_by_head(head: bytes, size: int) -> str:
    if (media_type := match_head(head)) is not None:
        return media_type
    if is_text(head):
        return match_pdf_in_text(head) or detect_text_type(head, whole=size <= len(head))
    return match_short_signature(head) or match_pdf_in_data(head) or UNKNOWN


def _detect_behind_tag(source: BinaryIO, head: bytes) -> str:
    """Return the type of what follows an ID3 tag, which formats other than MP3 may have, too."""
    source.seek(measure_id3_tag(head))
    rest = source.read(HEAD)
    behind = match_head(rest) or match_short_signature(rest)
    return behind if behind is not None and behind.startswith("audio/") else "audio/mpeg"
