"""Values as people read them in a terminal."""

from collections.abc import Mapping
from datetime import datetime


def printable(text: str) -> str:
    """Return the text with `\\x1b` and the like for characters that can't be seen.

    Names of files are given by others: a control character could change what the terminal shows.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file's name that isn't UTF-8, as os.fsdecode() returns it
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def human_size(size: int | None) -> str:
    """Return a number of bytes in decimal units (kB is 1,000 bytes), a dash for an unknown one."""
    if size is None:
        return "–"
    if size < 1000:
        return "1 byte" if size == 1 else f"{size} bytes"
    amount = size / 1000
    for unit in ("kB", "MB", "GB"):
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def local_time(time: datetime | None) -> str:
    """Return the time in this machine's time zone, a dash for none."""
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S}" if time else "–"


def utc_time(time: datetime | None) -> str:
    """Return the time in the form of RFC 3339, nothing for none."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}" if time else ""


def pairs(values: Mapping[str, str]) -> str:
    """Return `key=value`, … of metadata, a dash for none."""
    return ", ".join(f"{key}={value}" for key, value in values.items()) or "–"
