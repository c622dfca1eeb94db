"""The size of responses: a page of a list ends before Lambda would refuse it.

A response of Lambda may have 6,291,456 bytes, and API Gateway sends 503 in place of a larger one, on every retry.
The JSON of the body is a string in it, whose quotation marks are escaped again.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

import json
from collections.abc import Iterable
from itertools import chain

import msgspec

MAX_BODY_BYTES = 5_000_000
"""Of a body as Lambda's response holds it. The rest is for headers, and for what one more file may have."""

LONGEST_ESCAPE = len(r"\u007f")
"""What a byte can become in that string. The bytes of a character that isn't ASCII become less each."""


def fit_into_page(encoded: Iterable[bytes]) -> list[msgspec.Raw]:
    """Return as many of these JSON values as fit into one response, at least one if there is one.

    The iterable is read no further than to the first that doesn't fit.
    """
    values = iter(encoded)
    fitting: list[msgspec.Raw] = []
    most = 0
    for value in values:
        fitting.append(msgspec.Raw(value))
        most += LONGEST_ESCAPE * len(value) + len('"",')
        if most > MAX_BODY_BYTES:
            return _measure(chain(map(bytes, fitting), values))
    return fitting


def _measure(encoded: Iterable[bytes]) -> list[msgspec.Raw]:
    """Return as many of the JSON values as fit, by their exact sizes, which take longer to compute."""
    fitting: list[msgspec.Raw] = []
    total = 0
    for value in encoded:
        total += escaped_size(value) + len(",")
        if fitting and total > MAX_BODY_BYTES:
            break
        fitting.append(msgspec.Raw(value))
    return fitting


def escaped_size(value: bytes) -> int:
    """Return how many bytes the JSON has as a string of Lambda's response.

    What isn't ASCII is counted as escaped, too, as some of Lambda's runtimes do.
    """
    return len(json.dumps(value.decode()))
