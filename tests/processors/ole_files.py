"""Make OLE compound files with contents: old Office documents and Outlook messages. [MS-CFB]"""

import struct
from dataclasses import dataclass, field
from itertools import pairwise

SECTOR, MINI_SECTOR, MINI_CUTOFF = 512, 64, 4096
FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD

_STORAGE, _STREAM, _ROOT = 1, 2, 5


@dataclass
class _Entry:
    name: str
    kind: int
    data: bytes = b""
    children: dict[str, "_Entry"] = field(default_factory=dict)
    number: int = 0
    sibling: int = FREE
    start: int = END


def make_ole(streams: dict[str, bytes]) -> bytes:
    """Return a container of these streams; `/` in a name separates storages."""
    root = _Entry("Root Entry", _ROOT)
    for path, data in streams.items():
        *storages, name = path.split("/")
        parent = root
        for storage in storages:
            parent = parent.children.setdefault(storage, _Entry(storage, _STORAGE))
        parent.children[name] = _Entry(name, _STREAM, data)
    entries = _number(root)
    mini, mini_table = _place_small(entries)
    root.data = mini
    sectors: list[bytes] = []
    table: list[int] = []
    for entry in entries:
        if entry is root or len(entry.data) >= MINI_CUTOFF:
            entry.start = _place(entry.data, sectors, table)
    mini_start = _place(struct.pack(f"<{len(mini_table)}I", *mini_table), sectors, table)
    directory_start = _place(b"".join(map(_pack, entries)), sectors, table)
    tables = -(-(len(table) + 4) * 4 // SECTOR) + 1
    first = len(sectors)
    table += [TABLE] * tables
    table += [FREE] * (tables * SECTOR // 4 - len(table))
    packed = struct.pack(f"<{len(table)}I", *table)
    mini_sectors = -(-len(mini_table) * 4 // SECTOR)
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 62, 3, 0xFFFE, 9, 6, 0, tables, directory_start, 0),
        *(MINI_CUTOFF, mini_start, mini_sectors, END, 0),
    )
    numbers = [*range(first, first + tables), *[FREE] * (109 - tables)]
    return header + struct.pack("<109I", *numbers) + b"".join(sectors) + packed


def _number(root: _Entry) -> list[_Entry]:
    """Return all entries, the children of a storage as a list linked by their right siblings."""
    entries, ahead = [root], [root]
    while ahead:
        children = list(ahead.pop(0).children.values())
        for child in children:
            child.number = len(entries)
            entries.append(child)
        for child, following in pairwise(children):
            child.sibling = following.number
        ahead += children
    return entries


def _place_small(entries: list[_Entry]) -> tuple[bytes, list[int]]:
    mini, table = bytearray(), list[int]()
    for entry in entries:
        if entry.kind == _STREAM and 0 < len(entry.data) < MINI_CUTOFF:
            entry.start = len(table)
            count = -(-len(entry.data) // MINI_SECTOR)
            table += [*range(entry.start + 1, entry.start + count), END]
            mini += entry.data.ljust(count * MINI_SECTOR, b"\0")
    return bytes(mini), table


def _place(data: bytes, sectors: list[bytes], table: list[int]) -> int:
    """Append the data's sectors, and their chain in the table; return the first one's number."""
    if not data:
        return END
    start = len(sectors)
    for begin in range(0, len(data), SECTOR):
        sectors.append(data[begin : begin + SECTOR].ljust(SECTOR, b"\0"))
        table.append(len(sectors))
    table[-1] = END
    return start


def _pack(entry: _Entry) -> bytes:
    name = entry.name.encode("utf-16-le")
    child = next((child.number for child in entry.children.values()), FREE)
    return struct.pack(
        "<64sHBBIII16x4x16xIII",
        *(name, len(name) + 2, entry.kind, 1, FREE, entry.sibling, child, entry.start, len(entry.data), 0),
    )


def make_msg(*, unicode: bool = True) -> bytes:
    """Return a message with two recipients, a file of 5,000 bytes and an attached message. [MS-OXMSG]"""
    sent = struct.pack("<Q", 133_536_834_150_000_000)  # 2024-02-29T12:30:15Z
    fixed = {(0x0039, 0x0040): sent, (0x3FFD, 0x0003): struct.pack("<I4x", 1251)}
    texts = {0x0037: "Отчёт", 0x0C1A: "Ада", 0x5D01: "ada@example.com", 0x1000: "Привет,\r\nмир\r\n"}
    streams = _make_object("", 32, fixed, texts, unicode=unicode)
    for number, values in enumerate(
        (
            {0x3001: "Ева", 0x39FE: "eve@example.com", 0x3003: "/O=EX/CN=EVE"},
            {0x3001: "bob@example.com", 0x39FE: "bob@example.com"},
        )
    ):
        recipient_type = {(0x0C15, 0x0003): struct.pack("<I4x", number + 1)}
        streams |= _make_object(f"__recip_version1.0_#{number:08X}/", 8, recipient_type, values, unicode=unicode)
    attached = "__attach_version1.0_#00000000/"
    binary = {(0x3701, 0x0102): struct.pack("<I4x", 5000), (0x3705, 0x0003): struct.pack("<I4x", 1)}
    names = {0x3707: "отчёт.pdf", 0x370E: "application/pdf"}
    streams |= _make_object(attached, 8, binary, names, unicode=unicode)
    streams[f"{attached}__substg1.0_37010102"] = bytes(5000)
    inner = "__attach_version1.0_#00000001/"
    streams |= _make_object(inner, 8, {}, {0x3001: "Forwarded"}, unicode=unicode)
    streams |= _make_object(f"{inner}__substg1.0_3701000D/", 24, {}, {0x0037: "Inner"}, unicode=unicode)
    return make_ole(streams)


def _make_object(
    storage: str, header: int, fixed: dict[tuple[int, int], bytes], texts: dict[int, str], *, unicode: bool
) -> dict[str, bytes]:
    """Return the streams of an object's properties: values of eight bytes by number and type, and texts."""
    kind, encoding = (0x001F, "utf-16-le") if unicode else (0x001E, "cp1251")
    encoded = {number: text.encode(encoding) for number, text in texts.items()}
    sizes = {(number, kind): struct.pack("<I4x", len(data)) for number, data in encoded.items()}
    entries = [struct.pack("<HHI8s", kind, number, 6, value) for (number, kind), value in (fixed | sizes).items()]
    streams = {f"{storage}__substg1.0_{number:04X}{kind:04X}": data for number, data in encoded.items()}
    return {f"{storage}__properties_version1.0": bytes(header) + b"".join(entries), **streams}
