"""Detect a PDF, also after something else."""

import re

PDF = "application/pdf"

_LINE = re.compile(rb"%PDF-\d\.\d")

_MAX_BEFORE = 1024
"""Bytes that readers accept before a PDF's first line. ISO 32000-1, annex H.3, 13"""

_BLANK_BEGINNING = re.compile(rb"(?:\xef\xbb\xbf|\xfe\xff|\xff\xfe)?[\s\0]{0,1024}")
"""What a program may write before the content: a byte order mark, blank lines."""

_BODY = re.compile(rb"(?:\A|[\r\n])%PDF-\d\.\d[ \t]*[\r\n]+(?:%[^\r\n]*[\r\n]+)*\s*\d{1,10} \d{1,5} obj\b")
"""A PDF's first line, perhaps comments, and an object."""


def match_pdf(head: bytes) -> str | None:
    """Match a PDF's first line, also after a byte order mark and blank lines."""
    begin = _BLANK_BEGINNING.match(head)
    return PDF if _LINE.match(head, begin.end() if begin else 0) else None


def match_pdf_in_text(head: bytes) -> str | None:
    """Match a PDF after lines of text, such as a server's warning. A text may have a PDF's first line, too: an
    object has to follow."""
    return PDF if _BODY.search(head, 0, 2 * _MAX_BEFORE) else None


def match_pdf_in_data(head: bytes) -> str | None:
    """Match a PDF after other bytes."""
    return PDF if _LINE.search(head, 0, _MAX_BEFORE + len("%PDF-1.7")) else None
