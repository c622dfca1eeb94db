"""Detect Matroska and WebM."""


def match_matroska(head: bytes) -> str | None:
    """Match EBML, whose header names the document's type within its first bytes. RFC 8794, 11.2.4"""
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
