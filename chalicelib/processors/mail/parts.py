"""A part of a message: its type and name, its decoded size, and the beginning of its text."""

import binascii
from contextlib import suppress

from chalicelib.core.media_types.names import essence, is_media_type
from chalicelib.processors.mail.header_text import decode_text, parse_parameter
from chalicelib.processors.mail.headers import Headers
from chalicelib.processors.text.charsets import decode_bytes

MAX_TEXT = 128 * 1024
"""Bytes of a text that are kept, still encoded: an HTML page may begin with a style sheet."""

_TEXTS = ("text/plain", "text/html")


class Part:
    """A part that has no parts of its own, or whose parts aren't looked at. Add its contents in blocks of whole
    lines. `default_type` is the type of a part that doesn't state a valid one: RFC 2045, 5.2."""

    def __init__(self, headers: Headers, default_type: str = "text/plain") -> None:
        content_type, disposition = headers.get("content-type"), headers.get("content-disposition")
        declared = essence(content_type.decode("latin-1"))
        self.type = declared if is_media_type(declared) else default_type
        name = parse_parameter(disposition, "filename") or parse_parameter(content_type, "name")
        self.name = name or _name_in_url(headers.get("content-location"))
        is_attached = disposition.lower().startswith(b"attachment") or name is not None
        self.is_text = self.type in _TEXTS and not is_attached
        self._charset = parse_parameter(content_type, "charset")
        encoding, _, _ = headers.get("content-transfer-encoding").lower().replace(b";", b"(").partition(b"(")
        self._encoding = encoding.strip()
        self._text = bytearray()
        self._counted = self._bytes = self._padding = 0
        self._end = b""
        """The last decoded bytes."""

    def add(self, block: bytes) -> None:
        """Add the next lines."""
        self._bytes += len(block)
        if self.is_text and len(self._text) < MAX_TEXT:
            self._text += block[: MAX_TEXT - len(self._text)]
        if self._encoding == b"base64":
            self._counted += len(block.translate(None, b"\r\n\t ="))
        else:
            decoded = binascii.a2b_qp(block) if self._encoding == b"quoted-printable" else block
            self._counted += len(decoded)
            self._end = decoded[-2:]

    def end_at_boundary(self) -> None:
        """Leave out the last line's end, which belongs to the boundary after it. RFC 2046, 5.1.1"""
        line_end = 2 if self._end == b"\r\n" else self._end.endswith(b"\n")
        self._counted -= line_end

    def size(self, unread: int = 0) -> int | None:
        """Return the decoded size in bytes; None if the encoding isn't known. `unread` are further bytes of the
        file that are assumed to be like those before."""
        if self._encoding not in {b"", b"7bit", b"8bit", b"binary", b"base64", b"quoted-printable"}:
            return None
        size = self._counted * 3 // 4 if self._encoding == b"base64" else self._counted
        return round(size * (self._bytes + unread) / self._bytes) if unread and self._bytes else size

    def text(self) -> str:
        """Return the beginning of the text, with `\\n` at the ends of lines."""
        data, whole = bytes(self._text), len(self._text) < MAX_TEXT
        if self._encoding == b"base64":
            data = _decode_base64(data)
        elif self._encoding == b"quoted-printable":
            data = binascii.a2b_qp(data)
        return decode_bytes(data, self._charset or "utf-8", whole=whole).replace("\r\n", "\n")


def _decode_base64(data: bytes) -> bytes:
    digits = data.translate(None, b"\r\n\t ")
    with suppress(binascii.Error):
        return binascii.a2b_base64(digits[: len(digits) // 4 * 4])
    return b""


def _name_in_url(location: bytes) -> str | None:
    """Return the last part of a URL, which names an image in a saved page."""
    path = decode_text(location).partition("?")[0].partition("#")[0]
    return path.rpartition("/")[2] or None
