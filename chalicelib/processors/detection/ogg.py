"""Detect Ogg."""

_VIDEO_CODECS = (b"\x80theora", b"\x01video\0", b"BBCD\0")
"""The beginnings of a first packet: Theora, OGM, Dirac. https://wiki.xiph.org/MIMETypesCodecs"""

_PACKET = slice(28, 64)
"""Where the first packet begins, behind a page header with one segment. RFC 3533, 6"""


def match_ogg(head: bytes) -> str | None:
    """Match Ogg, whose first packet names the codec. RFC 5334"""
    if not head.startswith(b"OggS\0"):
        return None
    return "video/ogg" if any(codec in head[_PACKET] for codec in _VIDEO_CODECS) else "audio/ogg"
