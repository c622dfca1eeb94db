"""Read the beginning of an ID3v2 tag, which MP3 and other audio may begin with.
https://id3.org/id3v2.4.0-structure, 3.1"""

HEADER = 10
"""Bytes: `ID3`, two of the version, one of flags, and the length."""


def has_id3_tag(head: bytes) -> bool:
    """Return whether the file begins with an ID3 tag: letters and a version, which is no line end of a text."""
    return head.startswith(b"ID3") and len(head) >= HEADER and head[3] < ord("\t") and max(head[6:10]) < 0x80


def measure_id3_tag(head: bytes) -> int:
    """Return how many bytes the tag takes, with its header: 0 without a tag. Its length has seven bits a byte."""
    if not has_id3_tag(head):
        return 0
    return HEADER + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
