"""Text for detection and display."""

from chalicelib.processors.text.encoding import detect_encoding

PREVIEW = 500
"""Characters."""


def decode_head(head: bytes, *, whole: bool) -> str:
    """Return a file's first bytes as text, without a byte order mark. Unless they are the whole file, the last
    character may be cut."""
    return head.decode(detect_encoding(head, whole=whole).name or "ascii", "replace")


def make_preview(text: str) -> str:
    """Return the text's beginning, fit for display: no control characters other than line ends and tabs."""
    return "".join(char for char in text[:PREVIEW] if char.isprintable() or char in "\n\t").strip()
