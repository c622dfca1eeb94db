"""Facts of documents in OLE compound files: Word, Excel and PowerPoint before 2007, Visio, Publisher, Project."""

import struct
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from olefile import OleFileIO

from chalicelib.processors.dates import is_real_date
from chalicelib.processors.office.counts import list_sheets
from chalicelib.processors.structures.ole import MAX_STREAM, read_beginning, read_stream
from chalicelib.processors.text.charsets import decode_bytes

_SUMMARIES = ("\x05SummaryInformation", "\x05DocumentSummaryInformation")

_PROPERTIES = {
    "title": "title",
    "author": "author",
    "subject": "subject",
    "creating_application": "application",
    "create_time": "created_at",
    "last_saved_time": "changed_at",
    "num_pages": "pages",
    "num_words": "words",
    "slides": "slides",
}
"""Facts by olefile's names of properties. [MS-OLEPS] 2.25.1; [MS-OSHARED] 2.3.3.2"""

_ENCRYPTED = ("EncryptedPackage", "EncryptedSummary")
"""Streams of documents with a password. [MS-OFFCRYPTO] 2.3.4.4, 2.3.5.4. Most have none of them, but say so where
their contents begin."""

_ENCRYPTED_WORD = 0x0100
"""A flag, 10 bytes from the beginning. [MS-DOC] 2.5.2"""

_ENCRYPTED_POWERPOINT = b"\xdf\xc4\xd1\xf3"
"""What is 12 bytes from the beginning. [MS-PPT] 2.3.2"""

_MACROS = ("Macros", "_VBA_PROJECT_CUR")
"""Storages of Word and Excel. [MS-OVBA] 2.2.1"""

_WORKBOOK = "Workbook"

_RECORD = struct.Struct("<HH")
"""A record's type and length. [MS-XLS] 2.1.4"""
_BOUND_SHEET, _END_OF_GLOBALS, _FILE_PASS = 0x85, 0x0A, 0x2F
"""[MS-XLS] 2.4.28, 2.4.103, 2.4.117"""

_BEGINNING = 64
"""Bytes in which a workbook says that it is encrypted: only a short record may precede that."""

_UTF_16 = 1
"""The flag of a name whose characters take two bytes. [MS-XLS] 2.5.240"""


def compound_facts(ole: OleFileIO) -> dict[str, Any]:
    """Return the facts of a document: its properties, the sheets of a workbook, `macros`, and `encrypted`."""
    encrypted = _is_encrypted(ole)
    sheets = [] if encrypted else list(_iter_sheets(read_stream(ole, _WORKBOOK)))
    return {
        **_read_properties(ole),
        **(list_sheets(sheets) if sheets else {}),
        "macros": any(ole.exists(name) for name in _MACROS) or None,
        "encrypted": encrypted or None,
    }


def _is_encrypted(ole: OleFileIO) -> bool:
    """Return whether a password is needed."""
    records = _iter_records(read_beginning(ole, _WORKBOOK, _BEGINNING))
    word, powerpoint = (read_beginning(ole, name, 16) for name in ("WordDocument", "Current User"))
    return (
        any(ole.exists(name) for name in _ENCRYPTED)
        or any(kind == _FILE_PASS for kind, _ in records)
        or bool(int.from_bytes(word[10:12], "little") & _ENCRYPTED_WORD)
        or powerpoint[12:] == _ENCRYPTED_POWERPOINT
    )


def _read_properties(ole: OleFileIO) -> dict[str, Any]:
    if any(ole.exists(name) and ole.get_size(name) > MAX_STREAM for name in _SUMMARIES):
        return {}
    properties: dict[str, Any] = {}
    with suppress(Exception):  # damaged properties make olefile raise any exception
        metadata = ole.get_metadata()
        code_page = f"cp{(metadata.codepage or 1252) & 0xFFFF}"
        for attribute, name in _PROPERTIES.items():
            properties[name] = _plain(getattr(metadata, attribute), code_page)
    return properties


def _plain(value: object, code_page: str) -> str | int | None:
    """Return a text, a date in ISO 8601, or a positive number."""
    if isinstance(value, datetime):
        text = value.isoformat(timespec="seconds") + "Z"
        return text if is_real_date(text) else None
    if isinstance(value, bytes):
        return decode_bytes(value.rstrip(b"\0"), code_page).strip() or None
    if isinstance(value, str):
        return value.strip("\0 ") or None
    return value if isinstance(value, int) and value > 0 else None


def _iter_sheets(workbook: bytes) -> Iterator[str]:
    """Yield the names of a workbook's sheets, which are among its first records."""
    for kind, record in _iter_records(workbook):
        if kind == _END_OF_GLOBALS:
            return
        if kind == _BOUND_SHEET and len(record) >= 8:
            encoding = "utf-16-le" if record[7] & _UTF_16 else "latin-1"
            yield record[8:].decode(encoding, "replace")


def _iter_records(workbook: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the types and contents of the records."""
    position = 0
    while position + _RECORD.size <= len(workbook):
        kind, length = _RECORD.unpack_from(workbook, position)
        position += _RECORD.size
        yield kind, workbook[position : position + length]
        position += length
