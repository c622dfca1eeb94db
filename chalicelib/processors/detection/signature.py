"""A signature: bytes at fixed places by which a file's format is detected."""

from collections.abc import Mapping

from msgspec import Struct, field

_TEXT_BYTES = frozenset(b"\t\n\f\r" + bytes(range(0x20, 0x7F)))

_ENOUGH_CHARACTERS = 8
"""Characters of a signature with which no text begins by chance."""


class Signature(Struct, frozen=True):
    """One row of the table."""

    media_type: str
    parts: Mapping[int, bytes]
    """Bytes by their offset."""
    source: str
    """The specification, or another place where the format is described."""
    masks: Mapping[int, bytes] = field(default_factory=dict)
    """The bits that count, by the offset of a part; of other parts all do."""

    def matches(self, head: bytes) -> bool:
        """Return whether the file's first bytes have all parts in their places."""
        for offset, part in self.parts.items():
            found = head[offset : offset + len(part)]
            if offset in self.masks:
                found = bytes(byte & bits for byte, bits in zip(found, self.masks[offset], strict=False))
            if found != part:
                return False
        return True

    def may_begin_with(self, first_byte: bytes) -> bool:
        """Return whether a file with this first byte may match."""
        return 0 not in self.parts or 0 in self.masks or self.parts[0][:1] == first_byte

    @property
    def may_begin_text(self) -> bool:
        """Return whether a text may begin with it: a few printable characters, such as `OTTO` or `glTF`."""
        characters = b"".join(self.parts.values())
        return len(characters) < _ENOUGH_CHARACTERS and _TEXT_BYTES.issuperset(characters)
