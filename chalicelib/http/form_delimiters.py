"""Remove what RFC 2046 allows around the parts of a form, and python-multipart doesn't read.

Text may come before the first delimiter and after the last one (preamble, epilogue), and blanks after each
(transport padding). https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1
"""

import re


def reduce_to_parts(body: bytes, boundary: bytes) -> bytes:
    """Return the form from its first delimiter to its last one, without blanks after them.

    A delimiter is at the start of the body or of a line. No part can contain one, so nothing of a part is changed.
    The lines of a preamble may end with a line feed alone. A body without a delimiter is returned as it is.

    Takes time and memory in proportion to the body.
    """
    first = re.search(_at_line_start(boundary, rb"\n") + rb"(?:--)?[ \t]*(?:\r\n|\Z)", body)
    if first is None:
        return body
    end = body.find(b"\r\n--" + boundary + b"--", first.start())
    stop = len(body) if end == -1 else end + len(boundary) + 6  # with its line break and four hyphens
    padded = _at_line_start(boundary, rb"\r\n") + rb"[ \t]+(?=\r\n)"
    return re.sub(padded, lambda _: b"--" + boundary, body[first.start() : stop])


def _at_line_start(boundary: bytes, line_break: bytes) -> bytes:
    """Return the expression of a delimiter. It begins with the literal, which is found fast."""
    literal = re.escape(b"--" + boundary)
    return literal + rb"(?:(?<=\A%b)|(?<=%b%b))" % (literal, line_break, literal)
