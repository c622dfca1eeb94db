"""Read a message in one pass, line by line where its structure is and in blocks elsewhere, without keeping it.

The standard library's parser keeps all of the message, and takes time that grows with the square of the depth to
which parts are nested.
"""

import io

from chalicelib.processors.mail.header_text import parse_parameter
from chalicelib.processors.mail.headers import Headers
from chalicelib.processors.mail.parts import Part

MAX_DEPTH = 20
"""Parts that are nested deeper are taken as one part."""

MAX_ATTACHMENTS = 100
"""Attachments that are kept; all are counted."""

MAX_PARTS = 1000
"""Parts whose headers are read. Further ones are counted as attachments."""

MAX_BOUNDARY = 200
"""Bytes of a boundary. RFC 2046 allows 70."""


class MessageReader:
    """Reads the blocks of one message. With `headers_only` its contents are skipped."""

    def __init__(self, *, headers_only: bool = False) -> None:
        self.headers = Headers()
        self.texts: dict[str, Part] = {}
        """The first part of each type that is the message's own text."""
        self.attachments: list[Part] = []
        self.attachment_count = self.part_count = 0
        self.is_encrypted = False
        self.open_part: Part | None = None
        """The part that is being read; at the end, the one that the message ends in."""
        self._open_headers: Headers | None = self.headers
        self._boundaries: list[bytes] = []
        """Those of the parts that contain the current one, the outermost first."""
        self._digests: list[bool] = []
        """Whether these parts are digests, whose parts are messages."""
        self._headers_only = headers_only
        self._within_line = False
        """The last block ended within a line: it is too long."""

    def add(self, block: bytes) -> None:
        """Read the next lines."""
        if self._open_headers is not None or any(boundary in block for boundary in self._boundaries):
            for line in io.BytesIO(block):  # a carriage return alone ends no line
                self._add_line(line)
        else:
            self._add_to_part(block)

    def finish(self) -> None:
        """Count the last part, if no boundary did."""
        if self._open_headers is not None:
            self._end_headers()
        if self.open_part is not None:
            self._keep_part(self.open_part)

    def _add_line(self, line: bytes) -> None:
        headers = self._open_headers
        if self._within_line:
            if headers is None:
                self._add_to_part(line)
            else:
                headers.continue_line(line)
            self._within_line = not line.endswith(b"\n")
        elif self._boundaries and line.startswith(b"--") and self._end_part(line):
            pass
        elif headers is None:
            self._add_to_part(line)
        elif not line.strip(b"\r\n"):
            if not headers.is_empty or headers is not self.headers:  # a file may begin with blank lines
                self._end_headers()
        elif headers.add_line(line):
            self._within_line = not line.endswith(b"\n")
        else:
            self._end_headers()  # the blank line after them is missing
            self._add_line(line)

    def _add_to_part(self, block: bytes) -> None:
        if self.open_part is not None:
            self.open_part.add(block)
        self._within_line = not block.endswith(b"\n")

    def _end_headers(self) -> None:
        headers, self._open_headers = self._open_headers, None
        self.part_count += 1
        if headers is None or self._headers_only:
            return
        if self.part_count > MAX_PARTS:
            self.attachment_count += 1
            return
        content_type = headers.get("content-type")
        boundary = (
            parse_parameter(content_type, "boundary") if content_type[:10].lower() == b"multipart/" else None
        )
        self.is_encrypted = self.is_encrypted or _is_encrypted(content_type)
        if boundary and len(self._boundaries) < MAX_DEPTH:
            self._boundaries.append(b"--" + boundary.encode()[:MAX_BOUNDARY].rstrip())
            self._digests.append(content_type[:16].lower() == b"multipart/digest")
        else:
            is_in_digest = bool(self._digests) and self._digests[-1]
            self.open_part = Part(headers, "message/rfc822" if is_in_digest else "text/plain")

    def _end_part(self, line: bytes) -> bool:
        """Return whether the line is a boundary, and if so, begin the next part, or end those that contain it."""
        delimiter = line[: MAX_BOUNDARY + 10].rstrip()
        for depth in reversed(range(len(self._boundaries))):
            boundary = self._boundaries[depth]
            if delimiter in {boundary, boundary + b"--"}:
                break
        else:
            return False
        if self.open_part is not None:
            self.open_part.end_at_boundary()
            self._keep_part(self.open_part)
            self.open_part = None
        is_last = delimiter != boundary
        kept = depth + (not is_last)
        del self._boundaries[kept:], self._digests[kept:]
        self._open_headers = None if is_last else Headers()
        return True

    def _keep_part(self, part: Part) -> None:
        if part.is_text:
            self.texts.setdefault(part.type, part)
        elif not part.type.startswith("multipart/"):
            self.attachment_count += 1
            if self.attachment_count <= MAX_ATTACHMENTS:
                self.attachments.append(part)


def _is_encrypted(content_type: bytes) -> bool:
    """Return whether a part is encrypted: by OpenPGP (RFC 3156, 4) or S/MIME (RFC 8551, 3.3)."""
    declared = content_type[:100].lower()
    return declared.startswith(b"multipart/encrypted") or (
        b"pkcs7-mime" in declared and b"enveloped-data" in content_type[:1000].lower()
    )
