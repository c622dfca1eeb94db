"""Which processor describes which types. Each is imported when the first file of its kind comes."""

from importlib import import_module
from typing import BinaryIO

from chalicelib.core.files import Description
from chalicelib.processors.detection import detect

PROCESSORS: dict[str, tuple[str, ...]] = {
    "image": ("image/png", "image/jpeg", "image/gif", "image/webp", "image/tiff", "image/avif", "image/bmp"),
    "text": ("text/", "application/json", "application/xml", "image/svg+xml"),
}
"""A module's name, which is also its entry in a file's `result`, and the beginnings of the types it takes."""


def describe(source: BinaryIO, size: int) -> Description:
    """Detect the file's type and let each processor that takes it describe the file.

    `result` maps a processor's name to its facts, with its `version` among them.
    Raises BadContentError where the content is at fault.
    """
    detected_type = detect(source)
    result = {}
    for name, types in PROCESSORS.items():
        if detected_type.startswith(types):
            processor = import_module(f"chalicelib.processors.{name}")
            source.seek(0)
            result[name] = {"version": processor.VERSION, **processor.describe(source, size)}
    return Description(detected_type=detected_type, result=result)
