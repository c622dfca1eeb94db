"""Detect Ogg, and whether there is video in it."""

from collections.abc import Iterator

_VIDEO_CODECS = (b"\x80theora", b"\x01video\0", b"BBCD\0", b"OVP80", b"\x80kdvid")
"""The beginnings of a stream's first packet: Theora, OGM, Dirac, VP8, Daala. https://wiki.xiph.org/MIMETypesCodecs"""

_PAGE_HEADER = 27
"""Bytes, before the lengths of the page's segments. RFC 3533, 6"""

_FIRST_OF_A_STREAM = 0x02


def match_ogg(head: bytes) -> str | None:
    """Match Ogg, whose streams' first packets name the codecs: all of them come before anything else. RFC 5334"""
    if not head.startswith(b"OggS\0"):
        return None
    return "video/ogg" if any(packet.startswith(_VIDEO_CODECS) for packet in _first_packets(head)) else "audio/ogg"


def _first_packets(head: bytes) -> Iterator[bytes]:
    """Yield the beginnings of the streams. The first may be a skeleton, which describes the others."""
    position = 0
    while head.startswith(b"OggS", position) and len(head) > position + _PAGE_HEADER:
        if not head[position + 5] & _FIRST_OF_A_STREAM:
            return
        segments = head[position + _PAGE_HEADER : position + _PAGE_HEADER + head[position + _PAGE_HEADER - 1]]
        packet_at = position + _PAGE_HEADER + len(segments)
        yield head[packet_at : packet_at + 16]
        position = packet_at + sum(segments)
