"""Detect the type of bytes in memory."""

import io

from chalicelib.processors.detection.detect import detect


def detect_bytes(content: bytes) -> str:
    """Return the detected media type."""
    return detect(io.BytesIO(content), len(content))
