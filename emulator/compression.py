"""Compression of responses, as API Gateway does it for the setting `minimum_compression_size`.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-enable-compression.html
"""

import gzip

MINIMUM_BYTES = 1024
"""The smallest body that is compressed, as in .chalice/config.json."""

LEVEL = 6


def compress(body: bytes, accept_encoding: str) -> bytes | None:
    """Return the body compressed with gzip; None if it is small or the client doesn't accept it."""
    if len(body) < MINIMUM_BYTES or not accepts_gzip(accept_encoding):
        return None
    return gzip.compress(body, LEVEL, mtime=0)


def accepts_gzip(accept_encoding: str) -> bool:
    """Return whether the header names gzip, and doesn't exclude it by a weight of 0.

    https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
    """
    for coding in accept_encoding.lower().split(","):
        name, _, weight = coding.replace(" ", "").partition(";q=")
        if name == "gzip":
            return weight.strip("0.") != "" or weight == ""
    return False
