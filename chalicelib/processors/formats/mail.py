"""Mail: sender, recipients, subject, date, attachments and the beginning of its text; of an mbox, its messages."""

from typing import Any, BinaryIO

from chalicelib.core.errors import UNREADABLE_CONTENT
from chalicelib.core.processing.processor_result import ProcessorResult
from chalicelib.processors.mail.blocks import iter_blocks
from chalicelib.processors.mail.header_text import decode_text, parse_addresses, parse_date
from chalicelib.processors.mail.headers import Headers
from chalicelib.processors.mail.html_text import extract_text
from chalicelib.processors.mail.mbox import MboxReader
from chalicelib.processors.mail.message import MAX_PARTS, MessageReader
from chalicelib.processors.mail.outlook import outlook_facts, outlook_text
from chalicelib.processors.mail.parts import Part
from chalicelib.processors.structures.ole import open_ole
from chalicelib.processors.text.decoding import make_preview
from chalicelib.processors.text.limits import MAX_COUNTED_BYTES, extrapolate

UNREADABLE = UNREADABLE_CONTENT
LIMIT = MAX_COUNTED_BYTES

MAX_NAMED = 20
"""Recipients, and attachments, that are named; all are counted."""

_HEAD = 256 * 1024
"""Bytes in which a fallback looks for the headers."""

_FORMATS = {"application/mbox": "mbox", "multipart/related": "mht", "application/vnd.ms-outlook": "msg"}
"""Any other type is a message as it was sent."""


def describe(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return `format`, `subject`, `from`, `to`, `cc`, `recipients` (their number), `date`, `attachments` (`name`,
    `type`, decoded `size` in bytes), `attachment_count`, a `preview` of the text, and `encrypted`. Of a
    damaged Outlook message there is only `damaged`.

    Of an mbox, `messages`, `first_date`, `last_date`, and all this as `first_message`. If a file is larger than
    LIMIT, `messages` is an estimate, and a message is `incomplete`: the size of its last attachment is an estimate
    and there may be more.
    """
    mail_format = _FORMATS.get(media_type, "eml")
    if mail_format == "mbox":
        return ProcessorResult({"format": mail_format, **_describe_mbox(source, size)})
    if mail_format == "msg":
        return ProcessorResult({"format": mail_format, **_describe_outlook(source)})
    reader = MessageReader()
    for block in iter_blocks(source, LIMIT):
        reader.add(block)
    reader.finish()
    return ProcessorResult({"format": mail_format, **_message_facts(reader, max(size - LIMIT, 0))})


def describe_fallback(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return what the headers say, and `incomplete`."""
    facts: dict[str, Any] = {"format": _FORMATS.get(media_type, "eml"), "incomplete": True}
    if facts["format"] in {"eml", "mht"}:
        reader = MessageReader(headers_only=True)
        for block in iter_blocks(source, _HEAD):
            reader.add(block)
        facts |= _header_facts(reader.headers)
    return ProcessorResult(facts)


def _describe_mbox(source: BinaryIO, size: int) -> dict[str, Any]:
    reader = MboxReader(dates=size <= LIMIT)
    for block in iter_blocks(source, LIMIT):
        reader.add(block)
    reader.finish()
    messages, estimated = extrapolate(reader.messages, size, LIMIT)
    return {
        "messages": messages,
        "messages_estimated": estimated,
        "first_date": reader.first_date if not estimated else None,
        "last_date": reader.last_date if not estimated else None,
        "first_message": _message_facts(reader.first) if reader.first else None,
    }


def _describe_outlook(source: BinaryIO) -> dict[str, Any]:
    ole = open_ole(source)
    if ole is None:
        return {"damaged": True}
    facts = outlook_facts(ole, count=MAX_NAMED)
    return {**facts, "preview": make_preview(outlook_text(ole)) or None}


def _message_facts(reader: MessageReader, unread: int = 0) -> dict[str, Any]:
    """Return the facts of a message. `unread` are the bytes of the file that weren't read."""
    attachments = [
        _attachment_facts(part, unread * (part is reader.open_part)) for part in reader.attachments[:MAX_NAMED]
    ]
    return {
        **_header_facts(reader.headers),
        "attachments": attachments,
        "attachment_count": reader.attachment_count,
        "attachment_count_estimated": True if unread or reader.part_count > MAX_PARTS else None,
        "preview": _preview(reader),
        "encrypted": reader.is_encrypted or None,
        "incomplete": True if unread else None,
    }


def _header_facts(headers: Headers) -> dict[str, Any]:
    senders, to, cc = (parse_addresses(headers.get(name)) for name in ("from", "to", "cc"))
    are_whole = headers.is_whole("to") and headers.is_whole("cc")
    return {
        "subject": decode_text(headers.get("subject")) or None,
        "from": ", ".join(senders[:MAX_NAMED]) or None,
        "to": to[:MAX_NAMED],
        "cc": cc[:MAX_NAMED] or None,
        "recipients": len(to) + len(cc) if are_whole else None,
        "date": parse_date(headers.get("date")),
        "received_at": parse_date(headers.get("received").rpartition(b";")[2]),
        "url": decode_text(headers.get("snapshot-content-location")) or None,
    }


def _attachment_facts(part: Part, unread: int) -> dict[str, Any]:
    facts = {"name": part.name, "type": part.type, "size": part.size(unread)}
    return {**facts, "size_estimated": True} if unread else facts


def _preview(reader: MessageReader) -> str | None:
    """Return the beginning of the text that a reader of the message sees."""
    for media_type, part in sorted(reader.texts.items(), reverse=True):  # text/plain before text/html
        text = part.text()
        if preview := make_preview(extract_text(text) if media_type == "text/html" else text):
            return preview
    return None
