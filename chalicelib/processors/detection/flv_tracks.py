"""Read the tracks of Flash Video: its header says which there are."""

from typing import BinaryIO

_FLAGS, _AUDIO, _VIDEO = 4, 0x04, 0x01
"""Adobe Flash Video File Format Specification 10.1, E.2"""


def has_only_audio(source: BinaryIO, size: int) -> bool:
    """Return whether there is audio and no video."""
    source.seek(_FLAGS)
    flags = source.read(1)[0] if size > _FLAGS else 0
    return flags & (_AUDIO | _VIDEO) == _AUDIO
