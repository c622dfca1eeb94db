"""Read WebP's header. Pillow allocates memory for the whole picture, twice, to open a WebP."""

_LOSSLESS = b"\x2f"
_KEY_FRAME = b"\x9d\x01\x2a"
_FOURTEEN_BITS = 0x3FFF


def read_dimensions(head: bytes) -> tuple[int, int] | None:
    """Return the width and height in pixels from the file's first 30 bytes, or None if they don't contain them.

    RFC 9649, 2.5 to 2.7, and for the lossy form RFC 6386, 9.1.
    """
    kind, data = head[12:16], head[20:30]
    if len(data) < 10:
        return None
    if kind == b"VP8X":
        return _number(data[4:7]) + 1, _number(data[7:10]) + 1
    if kind == b"VP8 " and data[3:6] == _KEY_FRAME:
        return _number(data[6:8]) & _FOURTEEN_BITS, _number(data[8:10]) & _FOURTEEN_BITS
    if kind == b"VP8L" and data[:1] == _LOSSLESS:
        bits = _number(data[1:5])
        return (bits & _FOURTEEN_BITS) + 1, (bits >> 14 & _FOURTEEN_BITS) + 1
    return None


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")
