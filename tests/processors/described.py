"""What a file is described as."""

import io
from typing import Any

from chalicelib.core.files import Description
from chalicelib.processors.registry import describe


def described(content: bytes, *claims: str) -> Description:
    return describe(io.BytesIO(content), len(content), claims)


def facts(content: bytes, *claims: str) -> dict[str, Any]:
    """Return the one processor's facts."""
    (found,) = described(content, *claims).result.values()
    assert isinstance(found, dict)
    return found
