"""Detect a PDF, also behind something else."""

import re

_LINE = re.compile(rb"%PDF-\d\.\d")

_MAX_BEFORE = 1024
"""Readers accept so many bytes before a PDF's first line. ISO 32000-1, annex H.3, 13"""

_BLANK_BEGINNING = re.compile(rb"(?:\xef\xbb\xbf|\xfe\xff|\xff\xfe)?[\s\0]{0,1024}")
"""What a program may write before the content: a byte order mark, blank lines."""

_BODY = re.compile(rb"(?:\A|[\r\n])%PDF-\d\.\d[ \t]*[\r\n]+(?:%[^\r\n]*[\r\n]+)*\s*\d{1,10} \d{1,5} obj\b")
"""A PDF's first line, perhaps comments, and an object."""


def match_pdf(head: bytes, *, is_text: bool) -> bool:
    """Return whether the file is a PDF.

    Many are text altogether, and a text may have a PDF's first line, too. So behind lines of text, such as a
    server's warning, an object has to follow.
    """
    begin = _BLANK_BEGINNING.match(head)
    if _LINE.match(head, begin.end() if begin else 0):
        return True
    first_kilobyte = head[: _MAX_BEFORE + len("%PDF-1.7")]
    return (
        _BODY.search(head, 0, 2 * _MAX_BEFORE) is not None if is_text else _LINE.search(first_kilobyte) is not None
    )
