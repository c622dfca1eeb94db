"""The size of responses: a page of a list ends before Lambda would refuse it.

A response of Lambda may have 6,291,456 bytes, and API Gateway sends 503 in place of a larger one, on every retry.
The JSON of the body is a string in it, whose quotation marks are escaped again.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

import json
from collections.abc import Iterable

import msgspec

MAX_BODY_BYTES = 5_000_000
"""Of a body as Lambda's response holds it. The rest is for headers, and for what one more file may have."""


def fit_into_page(encoded: Iterable[bytes]) -> list[msgspec.Raw]:
    """Return as many of these JSON values as fit into one response, at least one if there is one.

    The iterable is read no further than to the first that doesn't fit.
    """
    fitting: list[msgspec.Raw] = []
    total = 0
    for value in encoded:
        total += escaped_size(value) + 1  # and a comma
        if fitting and total > MAX_BODY_BYTES:
            break
        fitting.append(msgspec.Raw(value))
    return fitting


def escaped_size(value: bytes) -> int:
    """Return how many bytes the JSON has as a string of Lambda's response.

    What isn't ASCII is counted as escaped, too, as some of Lambda's runtimes do, and so is DEL. JSON that is ASCII
    is counted without being escaped.
    """
    if value.isascii():
        escapes = value.count(b'"') + value.count(b"\\") + value.count(b"\x7f") * (len(r"\u007f") - 1)
        return len(value) + escapes + len('""')
    return len(json.dumps(value.decode()))
