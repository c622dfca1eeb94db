"""Collect the headers of a message or of one of its parts."""

import re

MAX_HEADER = 256 * 1024
"""Bytes of a header that are kept: some thousand recipients."""

_WANTED = frozenset(
    b"subject from to cc date received content-type content-disposition content-transfer-encoding content-location"
    b" snapshot-content-location".split()
)

_LISTS = frozenset({b"to", b"cc"})
"""Headers that programs repeat, although they must not. Of others, the first one counts."""

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)
"""RFC 5322, 2.2. Old programs wrote a space before the colon (4.5)."""

_ENVELOPE = (b"From ", b">From ")
"""The line that an mbox has before each message, and that stays there when one is saved from it."""


class Headers:
    """The headers that are read later, still encoded, by their names in lower case."""

    def __init__(self) -> None:
        self._values: dict[bytes, bytes] = {}
        self._name: bytes | None = None
        """Of the header that the next line may continue; None if it isn't kept."""
        self.is_empty = True

    def add_line(self, line: bytes) -> bool:
        """Add a line; return False if it isn't part of any header, so that they have ended."""
        if line[:1] in {b" ", b"\t"} and not self.is_empty:
            self.continue_line(line)
            return True
        if (field := _FIELD.match(line)) is None:
            return line.startswith(_ENVELOPE)
        self.is_empty = False
        name = field[1].lower()
        repeated = name in self._values
        self._name = name if name in _WANTED and (name in _LISTS or not repeated) else None
        self.continue_line((b"," if repeated else b"") + field[2])
        return True

    def continue_line(self, text: bytes) -> None:
        """Add more of the last header."""
        if self._name is not None:
            value = self._values.get(self._name, b"")
            if len(value) < MAX_HEADER:
                self._values[self._name] = (value + text)[:MAX_HEADER]

    def get(self, name: str) -> bytes:
        """Return a header's value, on one line; empty if it is missing."""
        return b" ".join(self._values.get(name.encode(), b"").splitlines()).strip()

    def is_whole(self, name: str) -> bool:
        """Return whether all of a header is kept."""
        return len(self._values.get(name.encode(), b"")) < MAX_HEADER
