"""Decode what headers of mail contain: text, addresses, dates and parameters."""

import binascii
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from inspect import signature
from typing import Any

from chalicelib.processors.dates import is_real_date
from chalicelib.processors.text.charsets import decode_bytes

MAX_PARAMETERS = 8 * 1024
"""Bytes of a header with parameters that are parsed: the standard library's time grows with their square."""

MAX_DATE = 200
"""Bytes of a date."""

_ENCODED_WORD = re.compile(rb"=\?([^?\s=]{1,80})\?([bBqQ])\?([^?\r\n]*)\?=")
"""RFC 2047, 2. The text may have spaces: programs write them, although they must not."""

_NO_CONTROLS = dict.fromkeys(code for code in (*range(32), *range(127, 160)) if not chr(code).isspace())

_LENIENT: dict[str, Any] = {"strict": False} if "strict" in signature(getaddresses).parameters else {}
"""Newer versions return nothing for a header with an unquoted comma in a name. Older ones have no such option."""


def decode_text(raw: bytes) -> str:
    """Return a header's text, whatever it is encoded in: encoded words (RFC 2047), UTF-8 (RFC 6532), or bytes in
    an unknown encoding, which were never allowed.

    `email.header.decode_header` loses bytes that are line ends in Unicode, such as the second one of `Å` in UTF-8.
    """
    pieces: list[tuple[bytes, str | None]] = []
    end = 0
    for word in _ENCODED_WORD.finditer(raw):
        between = raw[end : word.start()]
        charset = word[1].decode("latin-1").lower().partition("*")[0]  # RFC 2231, 5: a language may follow
        decoded = _decode_word(word[3], word[2])
        if pieces and pieces[-1][1] == charset and not between.strip():  # they may share a character
            pieces[-1] = (pieces[-1][0] + decoded, charset)
        else:
            if between.strip() or not pieces:
                pieces.append((between, None))
            pieces.append((decoded, charset))
        end = word.end()
    pieces.append((raw[end:], None))
    text = "".join(decode_bytes(data, charset) for data, charset in pieces)
    return " ".join(text.translate(_NO_CONTROLS).split())


def parse_addresses(raw: bytes) -> list[str]:
    """Return each mailbox as `Name <address>`, those of groups as well. A text that contains none is returned
    whole."""
    with suppress(ValueError, IndexError, RecursionError):  # hostile comments
        pairs = getaddresses([raw.decode("utf-8", "surrogateescape")], **_LENIENT)
        mailboxes = list(_format_mailboxes([(decode_text(_encode(name)), _clean(at)) for name, at in pairs]))
        if any("@" in mailbox for mailbox in mailboxes):
            return mailboxes
    whole = decode_text(raw).strip("<> ")
    return [whole] if whole and not whole.endswith(";") else []  # an empty group: `undisclosed-recipients:;`


def parse_date(raw: bytes) -> str | None:
    """Return a date (RFC 5322, 3.3) in ISO 8601, or None if it isn't one."""
    text = raw[:MAX_DATE].decode("ascii", "replace").strip()
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        text = parsedate_to_datetime(text).isoformat(timespec="seconds")
    return text if is_real_date(text) else None


def parse_parameter(raw: bytes, name: str) -> str | None:
    """Return a parameter of Content-Type or Content-Disposition, also in pieces and with a charset (RFC 2231), or
    as encoded words, which many programs write."""
    message = Message()
    message["Content-Type"] = raw[:MAX_PARAMETERS].decode("latin-1")
    try:
        value = message.get_param(name)
    except (ValueError, IndexError):
        return None
    if isinstance(value, tuple):
        charset, _, text = value
        return decode_bytes(text.encode("latin-1", "replace"), charset or "utf-8").strip() or None
    return decode_text(value.encode("latin-1", "replace")) or None if value else None


def _decode_word(text: bytes, encoding: bytes) -> bytes:
    if encoding in b"qQ":
        return binascii.a2b_qp(text, header=True)
    for end in (len(text), -1):  # a character too many is no byte
        with suppress(binascii.Error):
            return binascii.a2b_base64(text[:end] + b"==")
    return b""


def _format_mailboxes(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield each mailbox. A name before an unquoted comma, as in `Doe, Ada <ada@example.com>`, belongs to the
    next one."""
    before = ""
    for name, address in pairs:
        if not name and address and "@" not in address:
            before += f"{address}, "
        elif address or name:
            full_name = before + name
            yield f"{full_name} <{address}>" if full_name and address else full_name or address
            before = ""
    if before:
        yield before.removesuffix(", ")


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _clean(address: str) -> str:
    return decode_text(_encode(address))
