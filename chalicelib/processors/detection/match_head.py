"""Detect binary formats by a file's first bytes."""

from functools import cache

from chalicelib.processors.detection import frames, headers, image_headers
from chalicelib.processors.detection.iso_media import match_iso_media
from chalicelib.processors.detection.matroska import match_matroska
from chalicelib.processors.detection.ogg import match_ogg
from chalicelib.processors.detection.openpgp import match_openpgp
from chalicelib.processors.detection.pdf import match_pdf
from chalicelib.processors.detection.signature import Signature
from chalicelib.processors.detection.signature_table import TABLE

_CERTAIN = tuple(row for row in TABLE if not row.may_begin_text)
_SHORT = tuple(row for row in TABLE if row.may_begin_text)

_CHECKS = (
    match_pdf,
    match_iso_media,
    match_matroska,
    match_ogg,
    headers.match_windows_program,
    headers.match_java_or_mac,
    headers.match_bzip2,
    headers.match_tar,
    headers.match_sfnt,
    headers.match_embedded_font,
    headers.match_flash,
    headers.match_compress,
    headers.match_lzma,
    headers.match_lha,
    headers.match_arj,
    headers.match_old_cpio,
    headers.match_electron_archive,
    headers.match_python_bytecode,
    image_headers.match_bitmap,
    image_headers.match_icon,
    image_headers.match_netpbm,
    image_headers.match_pcx,
    image_headers.match_jxl_codestream,
    image_headers.match_autodesk_animation,
    match_openpgp,
    frames.match_transport_stream,
    frames.match_ac3,
    frames.match_mpeg_audio,
)
"""Formats whose bytes at the beginning are too few, or vary: each checks fields that depend on each other."""


def match_head(head: bytes) -> str | None:
    """Return the media type of a file with these first bytes, or None."""
    for row in _rows_that_begin_with(head[:1]):
        if row.matches(head):
            return row.media_type
    return next((media_type for match in _CHECKS if (media_type := match(head)) is not None), None)


@cache
def _rows_that_begin_with(first_byte: bytes) -> tuple[Signature, ...]:
    return tuple(row for row in _CERTAIN if row.may_begin_with(first_byte))


def match_short_signature(head: bytes) -> str | None:
    """Return the media type for a signature of a few printable characters, or None. A text may begin with them, so
    it only counts for a file that doesn't look like text."""
    return next((row.media_type for row in _SHORT if row.matches(head)), None)
