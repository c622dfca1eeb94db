"""Make OLE compound files by hand. [MS-CFB]"""

import struct
from uuid import UUID

SECTOR = 512
END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def make_compound_file(*names: str, class_id: str = "0" * 32, inside: str = "", blank_sectors: int = 0) -> bytes:
    """Return a file whose root has streams and storages of these names, in a chain of siblings. `inside` is the
    name of a stream in the first storage. `blank_sectors` of other data come before the directory."""
    entries = [_entry("Root Entry", 5, child=1 if names else FREE, class_id=UUID(class_id).bytes_le)]
    for number, name in enumerate(names, 1):
        right = number + 1 if number < len(names) else FREE
        child = len(names) + 1 if inside and number == 1 else FREE
        entries.append(_entry(name, 1 if inside else 2, right=right, child=child))
    if inside:
        entries.append(_entry(inside, 2))
    directory = b"".join(entries)
    directory += bytes(-len(directory) % SECTOR)
    first = 1 + blank_sectors
    count = len(directory) // SECTOR
    chain = [TABLE, *[END] * blank_sectors, *range(first + 1, first + count), END]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(SECTOR, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, first, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", 0, *[FREE] * 108)
    return header + table + bytes(SECTOR * blank_sectors) + directory


def _entry(name: str, kind: int, *, right: int = FREE, child: int = FREE, class_id: bytes = bytes(16)) -> bytes:
    encoded = name.encode("utf-16-le")
    return struct.pack("<64sHBBIII16s32x", encoded, len(encoded) + 2, kind, 1, FREE, right, child, class_id)
