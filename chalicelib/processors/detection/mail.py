"""Detect mail: a message, a mailbox, a web page that was saved like one."""

import re

_FIELD = re.compile(r"([!-9;-~]{1,76}):(.*)")
"""RFC 5322, 2.2"""

_SEPARATOR = re.compile(
    r"From \S.{0,200}? (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2} \d{1,2}:\d\d(?::\d\d)? .{0,20}?\d{4}"
)
"""The line before each message of a mailbox. RFC 4155, appendix A"""

_BY_PROGRAMS = frozenset(
    {
        *("arc-seal", "authentication-results", "delivered-to", "dkim-signature", "envelope-to", "in-reply-to"),
        *("list-id", "list-unsubscribe", "message-id", "mime-version", "received", "received-spf", "references"),
        *("return-path", "thread-index", "x-mailer", "x-mozilla-status", "x-original-to", "x-unsent"),
    }
)
"""Fields that a note written by hand hardly contains. RFC 5322, 3.6; RFC 2045, 4; RFC 6376; RFC 2919"""

_BY_PEOPLE = frozenset({"from", "to", "cc", "subject", "date", "sender", "reply-to", "newsgroups"})

_RECIPIENTS = frozenset({"to", "cc", "bcc", "received", "delivered-to", "return-path", "newsgroups"})

_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")

_DATE = re.compile(r"(?:[A-Z][a-z]{2}, )? ?\d{1,2} [A-Z][a-z]{2} \d{4} \d{1,2}:\d\d")
"""RFC 5322, 3.3"""

_LONG_HEADER = 4000
"""Characters."""

_MAX_FIELDS = 1000


def detect_mail(text: str) -> str | None:
    """Return the media type if the text, with `\\n` for line ends, is mail.

    A letter or a note may begin with `From:` and `To:`, too. So there has to be a field that programs add, or an
    address and a date as programs write them, or a list of recipients that is longer than what is read of a file.
    """
    first_line, _, rest = text.partition("\n")
    if _SEPARATOR.match(first_line):
        return "application/mbox" if _read_fields(rest) else None
    fields = _read_fields(text)
    if fields.get("content-type", "").lower().startswith("multipart/related") and _RECIPIENTS.isdisjoint(fields):
        return "multipart/related" if "mime-version" in fields else None  # RFC 2557
    by_people = _BY_PEOPLE & fields.keys()
    by_programs = _BY_PROGRAMS & fields.keys()
    has_address = _ADDRESS.search(fields.get("from", ""))
    has_date = _DATE.match(fields.get("date", ""))
    has_long_list = len(text) > _LONG_HEADER and "\n\n" not in text and _ADDRESS.search(fields.get("to", ""))
    is_mail = (by_people and by_programs) or (has_address and ((has_date and len(by_people) > 2) or has_long_list))
    return "message/rfc822" if is_mail else None


def _read_fields(text: str) -> dict[str, str]:
    """Return the values of the header's fields by their names in lower case; no fields at all if there are other
    lines before the first empty one."""
    fields: dict[str, str] = {}
    lines = text.split("\n")
    for number, line in enumerate(lines[:_MAX_FIELDS]):
        if not line:
            return fields
        if line[0] in " \t" and fields:
            continue
        if (field := _FIELD.fullmatch(line)) is None:
            return fields if number == len(lines) - 1 and number > 0 else {}  # the last line may be cut
        fields.setdefault(field[1].lower(), field[2].strip())
    return fields
