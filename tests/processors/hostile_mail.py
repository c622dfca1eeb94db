"""Hostile mail. Each exhausts a reader that trusts it."""

from tests.processors import ole_files
from tests.processors.hostile_files import makers

HEAD = b"From: a@example.com\nTo: b@example.com\nMessage-ID: <1@example.com>\nMIME-Version: 1.0\n"


def mail_nested_deep() -> bytes:
    """Ten thousand parts, each within the one before."""
    parts = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (number, number) for number in range(10_000)
    )
    return HEAD + parts + b"\ntext\n" + b"".join(b"--b%d--\n" % number for number in reversed(range(10_000)))


def mail_of_many_parts() -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: a/b\n\n\n" * 200_000


def mail_of_many_headers() -> bytes:
    return HEAD + b"X: y\n" * 600_000 + b"\ntext"


def mail_of_long_headers() -> bytes:
    """Each is too long, and made of what takes long to parse."""
    long = [
        b"To: " + b"a@b.c," * 500_000,
        b"Cc: " + b"(" * 1_000_000,
        b"Subject: " + b"=?utf-8?q?=C3?= =?utf-8?q?=A4?=\n " * 100_000,
        b"Content-Type: multipart/mixed; " + b'";' * 500_000,
        b"Date: " + b"Thu, " * 200_000,
    ]
    return b"Message-ID: <1@example.com>\nFrom: a@b.c\n" + b"\n".join(long) + b"\n\ntext"


def mail_that_repeats_its_headers() -> bytes:
    return HEAD + b"To: b@example.com\nCc: c@example.com\n" * 80_000 + b"\ntext"


def mail_of_one_line() -> bytes:
    return HEAD + b"\n" + b"--" + b"x" * 30_000_000


def mail_of_dashes() -> bytes:
    """Every line could be a boundary."""
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + b"--\n" * 5_000_000


def mail_of_broken_html() -> bytes:
    """Tags, comments and entities that don't end."""
    html = b"<!--" * 5000 + b"<script" * 5000 + b"<a href='" * 5000 + b"&#" * 5000 + b"<![" * 5000 + b"</" * 5000
    return HEAD + b"Content-Type: text/html\n\n" + html * 3


def mail_of_quoted_printable() -> bytes:
    return HEAD + b"Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n" + b"=\n" * 7_000_000


def mbox_of_many_messages() -> bytes:
    return b"From a@b.c Thu Feb 29 12:30:15 2024\nFrom: a@b.c\n\n" * 200_000


def mbox_of_almost_separators() -> bytes:
    return (
        b"From a@b.c Thu Feb 29 12:30:15 2024\nFrom: a@b.c\nTo: a@b.c\n\n"
        + (b"From " + b"1:11 " * 80 + b"\n") * 15_000
    )


def msg_that_goes_round() -> bytes:
    """An allocation table whose sectors follow themselves."""
    content = bytearray(
        ole_files.make_ole({"__properties_version1.0": bytes(32), "__substg1.0_1000001F": b"x" * 100_000})
    )
    table = content.rindex(b"\xfd\xff\xff\xff") // 512 * 512
    for sector in range(120):
        content[table + 4 * sector : table + 4 * sector + 4] = sector.to_bytes(4, "little")
    return bytes(content)


def msg_of_a_gigabyte() -> bytes:
    """A stream whose size is a lie."""
    content = bytearray(
        ole_files.make_ole({"__properties_version1.0": bytes(32), "__substg1.0_1000001F": b"x" * 10_000})
    )
    at = content.index("__substg1.0_1000001F".encode("utf-16-le")) + 120
    content[at : at + 4] = (1 << 30).to_bytes(4, "little")
    return bytes(content)


ALL = makers(globals())
