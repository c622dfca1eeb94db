"""Make OLE compound files without contents: a directory of chosen names and classes at chosen sectors. [MS-CFB]"""

import struct
from uuid import UUID

SECTOR = 512
END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def make_compound_file(*names: str, class_id: str = "0" * 32, inside: str = "", blank_sectors: int = 0) -> bytes:
    """Return a file whose root has streams and storages of these names, in a chain of siblings. `inside` is the
    name of a stream in the first storage. `blank_sectors` of other data come before the directory."""
    head, tail = make_compound_file_parts(*names, class_id=class_id, inside=inside, blank_sectors=blank_sectors)
    return head + bytes(SECTOR * blank_sectors) + tail


def make_compound_file_parts(
    *names: str, class_id: str = "0" * 32, inside: str = "", blank_sectors: int = 0
) -> tuple[bytes, bytes]:
    """Return what is before the blank sectors, and what is after them."""
    entries = [_entry("Root Entry", 5, child=1 if names else FREE, class_id=UUID(class_id).bytes_le)]
    for number, name in enumerate(names, 1):
        right = number + 1 if number < len(names) else FREE
        child = len(names) + 1 if inside and number == 1 else FREE
        entries.append(_entry(name, 1 if inside else 2, right=right, child=child))
    if inside:
        entries.append(_entry(inside, 2))
    directory = b"".join(entries)
    directory += bytes(-len(directory) % SECTOR)
    count = len(directory) // SECTOR
    before, lists = _lay_out(blank_sectors, count)
    first = before + blank_sectors
    chain = [*[TABLE] * before, *[END] * blank_sectors, *range(first + 1, first + count), END]
    table = struct.pack(f"<{len(chain)}I", *chain)
    table += b"\xff" * (-len(table) % SECTOR)
    sectors = [*range(lists, before), *[FREE] * 109]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    more = (0 if lists else END, lists)
    header += struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, before - lists, first, 0, 4096, END, 0, *more
    )
    header += struct.pack("<109I", *sectors[:109])
    continued = b"".join(
        struct.pack("<128I", *(sectors[109 + at * 127 :] + [FREE] * 127)[:127], at + 1 if at + 1 < lists else END)
        for at in range(lists)
    )
    return header + continued + table, directory


def _lay_out(blank_sectors: int, directory_sectors: int) -> tuple[int, int]:
    """Return how many sectors the allocation table and the list of its sectors take, and the list alone."""
    before, lists = 1, 0
    while (
        before - lists
    ) * 128 < before + blank_sectors + directory_sectors or lists * 127 < before - lists - 109:
        before += 1
        lists = max(-(-(before - lists - 109) // 127), 0)
    return before, lists


def _entry(name: str, kind: int, *, right: int = FREE, child: int = FREE, class_id: bytes = bytes(16)) -> bytes:
    encoded = name.encode("utf-16-le")
    return struct.pack("<64sHBBIII16s32x", encoded, len(encoded) + 2, kind, 1, FREE, right, child, class_id)
