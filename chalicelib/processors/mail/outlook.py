"""Read Outlook's messages (.msg): properties in an OLE compound file. [MS-OXMSG]"""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from olefile import OleFileIO

from chalicelib.core.media_types.names import UNKNOWN, essence
from chalicelib.processors.dates import is_real_date
from chalicelib.processors.mail.html_text import extract_text
from chalicelib.processors.structures.ole import read_stream
from chalicelib.processors.text.charsets import decode_bytes

OUTLOOK = "application/vnd.ms-outlook"

SUBJECT, BODY, HTML = 0x0037, 0x1000, 0x1013
SENDER_NAME, SENDER_ADDRESS, SENDER_SMTP, AUTHOR_NAME = 0x0C1A, 0x0C1F, 0x5D01, 0x0042
RECIPIENT_TYPE, DISPLAY_NAME, ADDRESS, SMTP_ADDRESS = 0x0C15, 0x3001, 0x3003, 0x39FE
SUBMITTED, DELIVERED = 0x0039, 0x0E06
ATTACHED_DATA, LONG_NAME, SHORT_NAME, MIME_TYPE = 0x3701, 0x3707, 0x3704, 0x370E
CODE_PAGE, INTERNET_CODE_PAGE = 0x3FFD, 0x3FDE
"""Properties that are read. [MS-OXPROPS] 2"""

_UNICODE, _STRING_8, _BINARY, _OBJECT = 0x001F, 0x001E, 0x0102, 0x000D
"""Their types. [MS-OXCDATA] 2.11.1"""

_PROPERTY = struct.Struct("<HH4x8s")
"""A property's type, number and value. [MS-OXMSG] 2.4.2"""

_PROPERTIES = "__properties_version1.0"
_ROOT_HEADER, _OTHER_HEADER = 32, 8
"""Bytes before the properties of the message, and of a recipient or an attachment. [MS-OXMSG] 2.4.1"""

_TO, _CC = 1, 2


class Properties:
    """The properties of a message, a recipient or an attachment."""

    def __init__(self, ole: OleFileIO, storage: str = "") -> None:
        self._ole, self._prefix = ole, f"{storage}/" if storage else ""
        data = read_stream(ole, self._prefix + _PROPERTIES)[_OTHER_HEADER if storage else _ROOT_HEADER :]
        whole = data[: len(data) // _PROPERTY.size * _PROPERTY.size]
        self._values = {number: value for _, number, value in _PROPERTY.iter_unpack(whole)}

    def number(self, number: int) -> int | None:
        """Return an integer."""
        value = self._values.get(number)
        return int.from_bytes(value[:4], "little") if value else None

    def code_page(self, number: int) -> str | None:
        """Return Python's name of a code page of Windows; it may not know it."""
        page = self.number(number)
        return f"cp{page}" if page else None

    def text(self, number: int, code_page: str | None = None) -> str | None:
        """Return a text; `code_page` is for those that aren't in Unicode."""
        if data := read_stream(self._ole, self._path(number, _UNICODE)):
            return data.decode("utf-16-le", "replace").strip("\0 \r\n") or None
        data = read_stream(self._ole, self._path(number, _STRING_8))
        return decode_bytes(data, code_page).strip("\0 \r\n") or None

    def binary(self, number: int) -> bytes:
        """Return bytes."""
        return read_stream(self._ole, self._path(number, _BINARY))

    def date(self, number: int) -> str | None:
        """Return a date in ISO 8601: a number of 100 ns since 1601. [MS-DTYP] 2.3.3"""
        ticks = int.from_bytes(self._values.get(number, b""), "little")
        try:
            date = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
        except OverflowError:
            return None
        text = date.isoformat(timespec="seconds")
        return text if is_real_date(text) else None

    def size(self, number: int) -> int | None:
        """Return the size of binary data without reading it."""
        path = self._path(number, _BINARY)
        return int(self._ole.get_size(path)) if self._ole.exists(path) else None

    def is_storage(self, number: int) -> bool:
        """Return whether the value is an object of its own, such as a message."""
        return bool(self._ole.exists(self._path(number, _OBJECT)))

    def _path(self, number: int, data_type: int) -> str:
        return f"{self._prefix}__substg1.0_{number:04X}{data_type:04X}"


def outlook_facts(ole: OleFileIO, *, count: int) -> dict[str, Any]:
    """Return the same facts as of any other message, with at most `count` recipients and attachments named."""
    message = Properties(ole)
    code_page = message.code_page(CODE_PAGE)
    recipients = list(_recipients(ole, code_page))
    to, cc = ([text for kind, text in recipients if kind == wanted] for wanted in (_TO, _CC))
    storages = _storages(ole, "__attach")
    sender = _mailbox(message, SENDER_NAME, (SENDER_SMTP, SENDER_ADDRESS), code_page)
    return {
        "subject": message.text(SUBJECT, code_page),
        "from": sender or message.text(AUTHOR_NAME, code_page),
        "to": to[:count],
        "cc": cc[:count] or None,
        "recipients": len(to) + len(cc),
        "date": message.date(SUBMITTED),
        "received_at": message.date(DELIVERED),
        "attachments": [_attachment_facts(Properties(ole, name), code_page) for name in storages[:count]],
        "attachment_count": len(storages),
    }


def outlook_text(ole: OleFileIO) -> str:
    """Return the message's text; empty if it is only there as RTF."""
    message = Properties(ole)
    if text := message.text(BODY, message.code_page(CODE_PAGE)):
        return text.replace("\r\n", "\n")
    html = message.binary(HTML)
    page = decode_bytes(html, message.code_page(INTERNET_CODE_PAGE)) if html else message.text(HTML)
    return extract_text(page or "")


def _recipients(ole: OleFileIO, code_page: str | None) -> Iterator[tuple[int | None, str]]:
    for name in _storages(ole, "__recip"):
        recipient = Properties(ole, name)
        if mailbox := _mailbox(recipient, DISPLAY_NAME, (SMTP_ADDRESS, ADDRESS), code_page):
            yield recipient.number(RECIPIENT_TYPE), mailbox


def _mailbox(owner: Properties, name: int, addresses: tuple[int, ...], code_page: str | None) -> str | None:
    """Return `Name <address>`. Exchange's own addresses (`/O=…`) are of no use elsewhere."""
    known = (owner.text(number, code_page) for number in addresses)
    address = next((text for text in known if text and "@" in text), None)
    full_name = owner.text(name, code_page)
    return f"{full_name} <{address}>" if full_name and address and full_name != address else address or full_name


def _attachment_facts(attachment: Properties, code_page: str | None) -> dict[str, Any]:
    name = next(filter(None, (attachment.text(n, code_page) for n in (LONG_NAME, SHORT_NAME, DISPLAY_NAME))), None)
    is_message = attachment.is_storage(ATTACHED_DATA)
    declared = essence(attachment.text(MIME_TYPE, code_page) or UNKNOWN)
    return {
        "name": name,
        "type": OUTLOOK if is_message else declared,
        "size": attachment.size(ATTACHED_DATA),
    }


def _storages(ole: OleFileIO, prefix: str) -> list[str]:
    """Return the names of the message's recipients or attachments, not of those in an attached message."""
    paths = ole.listdir(streams=False, storages=True)
    return sorted({path[0] for path in paths if path[0].startswith(prefix)})
