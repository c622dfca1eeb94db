"""Read an mbox: many messages in one file."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from chalicelib.processors.mail.header_text import parse_date
from chalicelib.processors.mail.message import MessageReader

_FROM_LINE = re.compile(rb"^From [^\n]{1,300}?\d\d?:\d\d[^\n]{1,40}?\b\d{4}\b[^\n]{0,40}\n", re.MULTILINE)
"""The line before each message: an address, a time and a year. Such a line within a message begins with `>`. RFC
4155, appendix A"""

_DATE = re.compile(rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.*")


MAX_DATED = 20_000
"""Messages whose dates are read. An mbox of more has no dates."""


class MboxReader:
    """Reads the blocks of an mbox: the first message whole, and of the others the dates, if they are wanted."""

    def __init__(self, *, dates: bool) -> None:
        self.messages = 0
        self.first: MessageReader | None = None
        self.first_date: str | None = None
        self.last_date: str | None = None
        self._latest: MessageReader | None = None
        self._from_line = b""
        self._max_read = MAX_DATED if dates else 1

    def add(self, block: bytes) -> None:
        """Read the next lines."""
        for from_line, lines in _split(block):
            if from_line is not None or (self.messages == 0 and lines.strip()):
                self._begin_message(from_line or b"")
            if self._latest is not None:
                self._latest.add(lines)

    def finish(self) -> None:
        """Count the date of the latest message."""
        if self._latest is None:
            return
        self._latest.finish()
        if date := parse_date(self._latest.headers.get("date")) or _parse_from_line(self._from_line):
            dates = [text for text in (self.first_date, self.last_date, date) if text]
            self.first_date, self.last_date = min(dates, key=_parse_moment), max(dates, key=_parse_moment)

    def _begin_message(self, from_line: bytes) -> None:
        self.finish()
        self.messages += 1
        if self.messages > self._max_read:
            self._latest = self.first_date = self.last_date = None
            return
        self._from_line = from_line
        self._latest = MessageReader(headers_only=self.first is not None)
        self.first = self.first or self._latest


def _split(block: bytes) -> Iterator[tuple[bytes | None, bytes]]:
    """Yield what is between the lines that begin a message, each with the line before it."""
    from_line, end = None, 0
    for match in _FROM_LINE.finditer(block):
        yield from_line, block[end : match.start()]
        from_line, end = match[0], match.end()
    yield from_line, block[end:]


def _parse_from_line(line: bytes) -> str | None:
    """Return the date of the line before a message in ISO 8601: when it arrived."""
    date = _DATE.search(line)
    return parse_date(date[0]) if date else None


def _parse_moment(text: str) -> datetime:
    """Return a date for comparison. One without an offset is taken as UTC."""
    date = datetime.fromisoformat(text)
    return date if date.tzinfo else date.replace(tzinfo=UTC)
